"""A lab as a film that PowerPoint, Keynote and browsers play.

Each state is shown for a second; a tour for as long as its words take to read.
"""

import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from seglab.files import _images, optional_dependencies
from seglab.files._forecast import Forecast, Limits
from seglab.files._look import Look
from seglab.files._plan import Plan
from seglab.types import Progress

__all__ = ["LIMITS", "RATE", "forecast", "write"]

LIMITS = Limits(budget=40, most=600)

_PX = 1920  # of its width, unless px says otherwise
RATE = 10  # pictures a second: with fewer some players stumble
_WHOLE = 250  # pictures after which x264 stores a whole one again

# The colours of HD, said and meant: players take an HD film for one, whatever it holds.
_COLOURS = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709")


def forecast(plan: Plan, px: int | None = None) -> Forecast:
    """The size and time of a film of this width."""

    draw = cache(_images.drawn)

    def weigh(pages: Sequence[_images.Shown]) -> int:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "some.mp4"
            _save(_images.filmed(pages, px or _PX, draw), path)
            return path.stat().st_size

    return _images.forecast(plan, weigh, whole=_WHOLE // RATE)


def write(plan: Plan, path: Path, px: int | None, progress: Progress, _look: Look) -> None:
    """Write an MP4 of H.264, whose colours and sizes every player takes; px: its width."""
    optional_dependencies.need("imageio_ffmpeg")
    _save(_images.film(plan, px or _PX, progress), path)


def _save(made: list[_images.Page], path: Path) -> None:
    program = optional_dependencies.need("imageio_ffmpeg").get_ffmpeg_exe()
    joined = b"".join(page.data * page.seconds for page in made)
    command = [
        *(program, "-hide_banner", "-loglevel", "error", "-y"),
        *("-f", "image2pipe", "-framerate", "1", "-c:v", "png", "-i", "-"),
        *("-vf", f"fps={RATE},scale=out_color_matrix=bt709:out_range=tv", *_COLOURS),
        *(
            "-c:v",
            "libx264",
            "-pix_fmt",
            "yuv420p",
            "-preset",
            "veryfast",
            "-crf",
            "18",
            "-tune",
            "stillimage",
        ),
        *("-threads", "2", "-movflags", "+faststart", "-f", "mp4", str(path)),
    ]
    done = subprocess.run(command, input=joined, capture_output=True)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise ValueError(f"the film could not be written: {said[-1]}; a .gif needs no ffmpeg")
