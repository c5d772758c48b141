"""Cheats of selectors, by what they choose, or when."""

from __future__ import annotations

import os

from cheating import Chooser, send

from benchbox.contracts import Grant, NotApplicable


class TwoChoices(Chooser):
    """Chooses twice."""

    name = "x-two-choices"

    def cheat(self, game, rows):
        game.link.call("rows", {"rows": rows, "wanted": len(rows), "nested": False})
        return rows.flip(0)


class AfterChoice(Chooser):
    """Asks once it has chosen."""

    name = "x-after-choice"

    def cheat(self, game, rows):
        game.link.call("rows", {"rows": rows, "wanted": len(rows), "nested": False})
        game.oracle.query(game.pool.images[rows])
        return rows


class MoreRows(Chooser):
    """Chooses more than it may."""

    name = "x-more-rows"

    def cheat(self, game, rows):
        import torch

        send(game, "rows", {"rows": torch.arange(1000), "wanted": 1000, "nested": False})
        send(game, "done", {})
        os._exit(0)


class NegativeRows(Chooser):
    """Chooses from the end, and the same row twice."""

    name = "x-negative-rows"

    def cheat(self, game, rows):
        return -rows - 1


class SameRows(Chooser):
    """Chooses the same row again and again: the one image that it has would be paid for once."""

    name = "x-same-rows"

    def cheat(self, game, rows):
        import torch

        return torch.zeros_like(rows)


class Spender(Chooser):
    """Spends all on some rows, and chooses others."""

    name = "x-spender"

    def cheat(self, game, rows):
        import torch

        game.oracle.query(game.pool.images[-len(rows) :])
        return torch.arange(len(rows))


class NestedSpender(Chooser):
    """Asks, and says that its choice is nested, so that the answers would serve every budget."""

    name = "x-nested-spender"
    nested = True

    def cheat(self, game, rows):
        game.oracle.query(game.pool.images[:20])
        return rows


class SecondExcuse(Chooser):
    """Plays for the first budget, and says that it is not applicable to the second."""

    name = "x-second-excuse"

    def cheat(self, game, rows):
        if len(rows) == game.budgets[-1]:
            raise NotApplicable("no luck")
        return rows


class Excused(Chooser):
    """Is truly not applicable, and says so before it plays: no cheat, and not refused."""

    name = "x-excused"

    def cheat(self, game, rows):
        raise NotApplicable("it needs colour")


class Changed(Chooser):
    """Says another version of itself in play than when it was listed."""

    name = "x-changed"
    version = 2 if "benchbox.match.players.play" in __import__("sys").modules else 1


class Black(type(Chooser)):
    """A class whose word about itself depends on who asks."""

    @property
    def privileged(cls):
        return "benchbox.match.players.play" in __import__("sys").modules


class Flip(Chooser, metaclass=Black):
    """Says that it needs no insider's view when it is listed, and asks for it in play."""

    name = "x-flip"

    def wants(self):
        return {Grant.INSIDER} if type(self).privileged else set()

    def cheat(self, game, rows):
        game.log(gained=float(game.insider is not None))
        send(game, "peek", {"what": "probabilities", "images": game.pool.images[:5]}, reply=True)
        return rows
