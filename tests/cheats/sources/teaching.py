"""Cheats of trainers: they see answers, and make what is scored."""

from __future__ import annotations

import fcntl
import os

import place
from cheating import Chooser, count, kept, read

from benchbox.contracts import NotApplicable, Trainer


class Again(Chooser):
    """Chooses at random, anew for every budget: no process may see the answers of two choices."""

    name = "x-again"


class Tutor(Trainer):
    """Returns the network untrained."""

    def cheat(self, game, network):
        """Cheat; return how much was gained by it."""

    def fit(self, game, network, images, answers):
        game.log(gained=float(self.cheat(game, network) or 0))
        return network


class Remembers(Tutor):
    """Keeps answers for its next lesson, in files, in its class and in modules."""

    name = "z-remembers"

    def cheat(self, game, network):
        found = kept("remembers") + hasattr(Tutor, "seen") + hasattr(os, "seen")
        Tutor.seen = os.seen = True
        return found


class Spy(Tutor):
    """Looks for what it was not granted: images, labels, the insider's view, the target and the data set."""

    name = "z-spy"

    def cheat(self, game, network):
        brief = game._brief
        given = [brief.pool, brief.labels, brief.public, brief.weights, brief.insider or None, brief.prepared or None]
        files = [read(place.DB), read(place.DATA), *map(read, place.DIGITS)]
        return sum(one is not None for one in given) + count(lambda: game.unlabelled is not None, *files)


class Locker(Tutor):
    """Speaks to the attack of the same author, which sees test images, by a lock on a file that both may read."""

    name = "z-locker"

    def cheat(self, game, network):
        Tutor.file = open(place.__file__)
        fcntl.flock(Tutor.file, fcntl.LOCK_SH)


class Asks(Tutor):
    """Asks the target."""

    name = "z-asks"

    def cheat(self, game, network):
        import torch

        game._link.call("query", {"phase": "main", "images": torch.rand(5, *game.shape)})


class Peeks(Tutor):
    """Asks for the insider's view."""

    name = "z-peeks"

    def cheat(self, game, network):
        import torch

        game._link.call("peek", {"what": "probabilities", "images": torch.rand(5, *game.shape)})


class Skips(Tutor):
    """Wants the next lesson before it has said what it learnt from this one."""

    name = "z-skips"

    def cheat(self, game, network):
        game._link.call("lesson", {"weights": None})


class Prepares(Tutor):
    """Prepares what a selector shall see, once it knows answers."""

    name = "z-prepares"

    def cheat(self, game, network):
        game._link.call("prepared", {"tensors": {"features": network[-1].weight.detach()}})


class Done(Tutor):
    """Says that it is done before it is."""

    name = "z-done"

    def cheat(self, game, network):
        game._link._channel.send("done", {})
        os._exit(0)


class Excuse(Tutor):
    """Says that it is not applicable once it has seen the answers."""

    name = "z-excuse"

    def cheat(self, game, network):
        raise NotApplicable("it needs colour")


class Infinite(Tutor):
    """Returns weights that are no numbers."""

    name = "z-infinite"

    def cheat(self, game, network):
        next(network.parameters()).data.fill_(float("inf"))
