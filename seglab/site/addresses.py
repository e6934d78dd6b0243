"""Addresses where a reader runs a notebook: a service's own, with a place for the file's name."""

from collections.abc import Iterator
from html import escape
from typing import NamedTuple
from urllib.parse import quote

_NAME = "{name}"


class Addresses(NamedTuple):
    """Addresses for the buttons of a notebook; empty where there is no such button.

    Each has `{name}` where the file's name goes, such as
    `https://colab.research.google.com/github/you/course/blob/student/{name}`.
    """

    binder: str = ""
    colab: str = ""
    hub: str = ""

    def check(self) -> None:
        """Raise ValueError for an address that leads nowhere."""
        for option, address in self._asdict().items():
            if not address:
                continue
            if not address.startswith(("https://", "http://")):
                raise ValueError(f"{option}={address!r} is no address; begin it with https://")
            if _NAME not in address:
                raise ValueError(
                    f"{option}={address!r} says nothing of the notebook; write {_NAME} where its "
                    f"file's name goes"
                )

    def of(self, file: str) -> Iterator[tuple[str, str]]:
        """The name and the address of each button, for a notebook's file."""
        labels = {"binder": "Binder", "colab": "Colab", "hub": "Your hub"}
        for option, address in self._asdict().items():
            if address:
                yield labels[option], address.replace(_NAME, quote(file))


NONE = Addresses()


def buttons(file: str, download: str, addresses: Addresses, lead: str) -> str:
    """A row of links in HTML: the notebook to keep, and where it runs."""
    links = [("Download", download), *addresses.of(file)]
    row = "".join(f'<a href="{escape(to, quote=True)}">{escape(text)}</a>' for text, to in links)
    return f'<p class="seglab-run"><span>{escape(lead)}</span>{row}</p>'
