"""The icon: the app's own SVG, and the same drawing as pixels for systems that want them."""

from __future__ import annotations

import io
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

SIZES = (16, 24, 32, 48, 64, 128, 256)
_GRID = 32  # the SVG's viewBox
_FINER = 8  # drawn so many times larger, then reduced, for smooth edges
_DARK, _AMBER = "#1d1d1f", "#f0a04b"
_LADLE = ((7, 24), (12, 9), (20, 9), (25, 24), (7, 24))
_LINE = 2.5


def svg() -> bytes:
    """The icon as the app's pages show it."""
    return (files("steeliq") / "webui" / "core" / "static" / "core" / "icon.svg").read_bytes()


def draw(size: int) -> Image:
    """The drawing of ``icon.svg``, ``size`` pixels wide and high, with a transparent ground."""
    from PIL import Image, ImageDraw

    scale = size * _FINER / _GRID
    image = Image.new("RGBA", (size * _FINER, size * _FINER))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((0, 0, size * _FINER - 1, size * _FINER - 1), radius=6 * scale, fill=_DARK)
    for line in (_LADLE, ((10, 18), (22, 18))):
        points = [(x * scale, y * scale) for x, y in line]
        pen.line(points, fill=_AMBER, width=round(_LINE * scale))
        if line is _LADLE:
            half = _LINE * scale / 2
            for x, y in points:  # round joints
                pen.ellipse((x - half, y - half, x + half, y + half), fill=_AMBER)
    return image.resize((size, size), Image.Resampling.LANCZOS)


def png(size: int) -> bytes:
    """The icon as PNG."""
    return _encoded(draw(size), "PNG")


def ico() -> bytes:
    """The icon in all sizes, as Windows wants it."""
    stream = io.BytesIO()
    images = [draw(size) for size in SIZES]
    images[-1].save(stream, "ICO", sizes=[(size, size) for size in SIZES], append_images=images[:-1])
    return stream.getvalue()


def icns() -> bytes:
    """The icon as macOS wants it."""
    return _encoded(draw(512), "ICNS")


def _encoded(image: Image, kind: str) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind)
    return stream.getvalue()
