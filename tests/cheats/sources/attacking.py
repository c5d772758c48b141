"""Attacks that cheat."""

from __future__ import annotations

import os
import sys

import torch
from cheating import Liar

from benchbox.contracts import NotApplicable, Threat


def others(self, substitute, images, labels):
    """Returns other test images, of another class, as its examples."""
    return images.roll(1, 0)


def beyond(self, substitute, images, labels):
    """Leaves its threat a little."""

    return (images + 0.31 * torch.where(images > 0.5, -1, 1)).clamp(0, 1)


def nothing(self, substitute, images, labels):
    """Returns what is not a number."""
    return images * float("nan")


def outside(self, substitute, images, labels):
    """Returns images beyond [0, 1]."""
    return images + 0.2


def few(self, substitute, images, labels):
    """Returns the examples that it likes."""
    return images[:3]


def spoils(self, substitute, images, labels):
    """Spoils the substitute and the images for whoever comes after it."""
    for weight in substitute.parameters():
        weight.data.zero_()
    return images.zero_()


def excuse(self, substitute, images, labels):
    """Says that it is not applicable, once it has seen the images."""
    raise NotApplicable("no luck")


def leaves(self, substitute, images, labels):
    """Says that it is done before it has attacked."""
    import gc

    link = next(o for o in gc.get_objects() if type(o).__name__ == "ChannelLink")
    link._channel.send("done", {})
    return images


def asks(self, substitute, images, labels):
    """Asks the target, though an attack has no oracle."""
    import gc

    link = next(o for o in gc.get_objects() if type(o).__name__ == "ChannelLink")
    link._channel.send("query", {"phase": "main", "images": images})
    link._channel.receive()
    return images


def locker(self, substitute, images, labels):
    """Listens to the method of the same author, by a lock on a file that both may read."""
    import fcntl

    import place

    with open(place.__file__) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RuntimeError("heard the method") from None
    return images


def shouter(self, substitute, images, labels):
    """Takes all the pipes that one user may have, so that a method of its author's hears of it."""
    import time

    for _ in range(8):
        if os.fork() == 0:
            try:
                while True:
                    os.pipe()
            except OSError:
                time.sleep(60)
    time.sleep(1)
    return images


for _cheat in (others, beyond, nothing, outside, few, spoils, excuse, leaves, asks, locker, shouter):
    globals()[f"C_{_cheat.__name__}"] = type(
        f"C_{_cheat.__name__}",
        (Liar,),
        {"name": f"y-{_cheat.__name__}", "cheat": _cheat, "__doc__": _cheat.__doc__, "__module__": __name__},
    )


class Everywhere(Liar):
    """States a threat that holds every image, and returns other test images."""

    name = "y-everywhere"
    radius = 1.0
    cheat = others


class WideTwo(Everywhere):
    """The same under the other norm, where grey is far and other classes are near."""

    name = "y-wide-two"

    def threat(self):
        return Threat("2", 5.0)


class Fickle(Everywhere):
    """States a small threat when it is listed, and a large one in play."""

    name = "y-fickle"

    def threat(self):
        return Threat("inf", 9.0 if "benchbox.match.players.play" in sys.modules else 0.1)
