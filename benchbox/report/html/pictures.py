"""The few pictures that a scenario is shown with, small enough to stand in the page."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from benchbox.report.views.scenario import ScenarioView

MOST_BYTES = 6_000
"""A picture that takes more is cut down to its first two rows of images."""
ATTACK = "attack/"
_URL = "data:image/png;base64,"
_ROW = 10  # images in a row of what methods keep
_MOST_PIXELS = 4_000_000


class Picture(NamedTuple):
    """A picture of one run."""

    label: str
    seed: int
    name: str
    png: bytes


@dataclass(frozen=True)
class Thumb:
    """A picture as a data URL.

    Attributes:
        attack: whose examples it shows, below the images that they were made from; empty for images of a method's own.
    """

    label: str
    seed: int
    name: str
    attack: str
    width: int
    height: int
    url: str


def thumbs(view: ScenarioView, pictures: Sequence[Picture], budget: int) -> tuple[list[Thumb], int]:
    """Return the first pictures that fit, and how many are left out.

    Images that methods invented come first, then of every attack the examples of the best method, the second, and so on; all of
    the lowest seed. They may take ``budget`` bytes together.
    """
    order = {line.standing.label: i for i, line in enumerate(view.summaries)}
    first = min((seed for _, seed, _, _ in pictures), default=0)
    kept = [picture for picture in pictures if picture.seed == first]
    inorder = sorted(kept, key=lambda p: (p.name != "images", order.get(p.label, len(order)), p.name))
    found: list[Thumb] = []
    left_out = 0
    for label, seed, name, png in inorder:
        if len(png) <= MOST_BYTES and _length(png) > budget:  # it would stand there as it is, so it is not opened
            left_out += 1
        elif (made := small(png)) is not None:
            fewer, width, height = made
            if _length(fewer) > budget:
                left_out += 1
                continue
            budget -= _length(fewer)
            url = _URL + base64.b64encode(fewer).decode()
            attack = name.removeprefix(ATTACK) if name.startswith(ATTACK) else ""
            found.append(Thumb(label, seed, name, attack, width, height, url))
    return found, left_out


def _length(png: bytes) -> int:
    """Return how many letters the URL of a picture has."""
    return len(_URL) + 4 * -(-len(png) // 3)


@lru_cache(maxsize=256)  # suites may share cells
def small(png: bytes) -> tuple[bytes, int, int] | None:
    """Return a PNG of few bytes with its width and height; None for what is no picture."""
    from PIL import Image

    try:
        picture = Image.open(io.BytesIO(png), formats=("PNG",))
        if picture.width * picture.height > _MOST_PIXELS:
            return None
        picture.load()
    except Exception:  # a stranger's plugin may have kept anything under this name
        return None
    if len(png) <= MOST_BYTES:
        return png, picture.width, picture.height
    side = (picture.width - 1) // _ROW
    cut = picture.crop((0, 0, picture.width, min(picture.height, 2 * side + 1)))
    if max(cut.size) > 512:
        cut.thumbnail((512, 512))
    few = cut.convert("L" if cut.mode in ("L", "P", "1") else "RGB").quantize(16, dither=Image.Dither.NONE)
    out = io.BytesIO()
    few.save(out, format="PNG", optimize=True)
    return out.getvalue(), few.width, few.height
