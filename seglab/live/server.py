"""A Jupyter server extension: messages of kernels reach the browser at once.

The server leaves Nagle's algorithm on for the websockets of kernels: a small message that follows
another waits for the browser's delayed acknowledgement, up to 40 ms (RFC 896, RFC 1122 4.2.3.2).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "seglab.live.server"}]


def _load_jupyter_server_extension(app: Any) -> None:
    from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

    KernelWebsocketHandler.open = at_once(KernelWebsocketHandler.open)
    app.log.info("seglab: messages of kernels are sent at once (TCP_NODELAY)")


def at_once(opened: Callable[..., Any]) -> Callable[..., Any]:
    """A websocket handler's open(), which also sets TCP_NODELAY and never fails because of it."""
    if hasattr(opened, "seglab"):
        return opened

    @wraps(opened)
    def open_(handler: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            handler.set_nodelay(True)
        except Exception as error:  # a slower connection is better than none
            handler.log.warning("seglab: TCP_NODELAY cannot be set: %s", error)
        return opened(handler, *args, **kwargs)

    open_.seglab = True  # type: ignore[attr-defined] # a mark: it is wrapped once only
    return open_
