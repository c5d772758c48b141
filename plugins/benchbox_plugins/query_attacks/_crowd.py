"""The examples of one block that are still searched: who is left, what they are asked, where they may go."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from benchbox.contracts import Asked, SearchGame

_MOST_VALUES = 1 << 25  # of the probes that are made at once
_LEAST = 1e-12  # of a probability whose logarithm is taken


class Crowd:
    """The examples that are neither solved nor out of queries.

    Args:
        game: the block in play.
        images: the clean images, float (n, *shape).
        labels: their classes, int64 (n,).
    """

    def __init__(self, game: SearchGame, images: Tensor, labels: Tensor) -> None:
        self._game, self.clean, self.labels = game, images, labels
        self._open = torch.ones(len(images), dtype=torch.bool, device=images.device)
        self._inf = game.threat.norm == "inf"
        self.radius = game.threat.radius

    def rows(self, price: int = 1) -> Tensor:
        """Return the examples that are not solved and can pay for ``price`` more queries, int64 (m,)."""
        rows = self._open.nonzero()[:, 0]
        return rows[self._game.remaining(rows) >= price]

    def parts(self, rows: Tensor, probes: int) -> Iterator[Tensor]:
        """Yield the rows in parts so small that ``probes`` images for each fit into memory together."""
        size = max(1, _MOST_VALUES // (max(1, probes) * self.clean[0].numel()))
        if len(rows):
            yield from torch.split(rows, size)

    def ask(self, rows: Tensor, images: Tensor, phase: str = "main") -> Tensor:
        """Ask an image for each row, all of which can pay for it; return the answers."""
        return self._told(rows, self._game.ask(rows, images, phase=phase))

    def probe(self, rows: Tensor, images: Tensor, phase: str = "probes") -> Tensor:
        """Ask images (m, k, *shape) for m rows that can each pay for k; return the answers, (m, k) or (m, k, classes)."""
        m, k = images.shape[:2]
        asked = self._game.ask(rows.repeat_interleave(k), images.flatten(0, 1), phase=phase)
        answers = self._told(rows.repeat_interleave(k), asked)
        return answers.view(m, k, *answers.shape[1:])

    def answered(self, rows: Tensor, images: Tensor, phase: str) -> tuple[Tensor, Tensor]:
        """Ask as ``ask`` does; return which images no defence blocked, bool (m,), and the answers to these alone."""
        asked = self._game.ask(rows, images, phase=phase)
        self._close(rows, asked)
        return asked.kept, asked.answers

    def _close(self, rows: Tensor, asked: Asked) -> None:
        self._open[rows[asked.kept][asked.solved]] = False

    def _told(self, rows: Tensor, asked: Asked) -> Tensor:
        self._close(rows, asked)
        if bool(asked.kept.all()):
            return asked.answers
        # an image that a defence blocked helped nothing: it stands as one that the target is sure of
        answers = self.labels[rows]
        if asked.answers.ndim == 2:
            answers = torch.nn.functional.one_hot(answers, self._game.classes).to(asked.answers)
        answers[asked.kept] = asked.answers
        return answers

    def project(self, rows: Tensor, images: Tensor) -> Tensor:
        """Return images (m, *shape) moved into the threat around their clean ones, and into [0, 1]."""
        clean = self.clean[rows]
        if self._inf:
            return torch.min(torch.max(images, clean - self.radius), clean + self.radius).clamp(0, 1)
        change = images - clean
        size = lengths(change)
        # what clipping to [0, 1] takes away leads back towards the clean image, so it stays within the ball
        return (clean + change * (self.radius / size.clamp_min(1e-12)).clamp_max(1.0)).clamp(0, 1)

    def stride(self, gradient: Tensor, step: Tensor | float) -> Tensor:
        """Return the step of steepest ascent: along the sign under L-infinity, else along the gradient, of length ``step``."""
        if self._inf:
            return step * gradient.sign()
        return step * gradient / lengths(gradient).clamp_min(1e-12)

    def margins(self, rows: Tensor, answers: Tensor) -> Tensor:
        """Return by how much each of the answered images fails, float64: at most 0 where it fools the target.

        Untargeted, the logarithm of the true class's probability less that of the best other; with goals the best other's less
        the goal's. Differences of these logarithms are those of logits.

        Args:
            rows: int64 (m,).
            answers: probabilities (m, ..., classes).
        """
        wanted = self._wanted(rows, answers)
        scores = log_p(answers)
        own = scores.gather(-1, wanted)[..., 0]
        other = scores.scatter(-1, wanted, -torch.inf).amax(-1)
        return own - other if self._game.goals is None else other - own

    def losses(self, rows: Tensor, answers: Tensor) -> Tensor:
        """Return the logarithm of the true class's probability, or less that of the goal, float64: an attack lowers it.

        Where the target is so sure that the true class's float32 is 1, the others still tell how sure.
        """
        wanted = self._wanted(rows, answers)
        if self._game.goals is None:
            others = answers.double().scatter(-1, wanted, 0.0).sum(-1)
            return torch.log1p(-others.clamp_max(1 - _LEAST))
        own: Tensor = log_p(answers).gather(-1, wanted)[..., 0]
        return -own

    def fooled(self, rows: Tensor, answers: Tensor) -> Tensor:
        """Return which answers are not the true class, or are the goal, bool, of the answers' shape without the classes."""
        said = answers.argmax(-1) if answers.is_floating_point() else answers
        wanted = self._wanted(rows, said[..., None])[..., 0]
        return said != wanted if self._game.goals is None else said == wanted

    def guess(self, now: Tensor) -> None:
        """Spend what is left to each row, too little for a step, on random corners around its last image."""
        while len(rows := self.rows()):
            moved = now[rows] + self.stride(signs((len(rows), *self._game.shape), self._game), self.radius)
            self.ask(rows, self.project(rows, moved), "rest")

    def _wanted(self, rows: Tensor, answers: Tensor) -> Tensor:
        """Return the class that counts for each answer: the true one, or the goal, (m, ..., 1)."""
        wanted = self.labels[rows] if self._game.goals is None else self._game.goals[rows]
        return wanted.view(-1, *[1] * (answers.ndim - 1)).expand(*answers.shape[:-1], 1)


def log_p(answers: Tensor) -> Tensor:
    """Return the logarithms of probabilities, in float64; of none, that of a millionth of a millionth."""
    return answers.double().clamp_min(_LEAST).log()


def lengths(images: Tensor) -> Tensor:
    """Return the L2 norm of each image, (n, 1, 1, 1)."""
    sizes: Tensor = images.flatten(1).norm(dim=1)
    return sizes.view(-1, 1, 1, 1)


def wide(values: Tensor) -> Tensor:
    """Return a value a row as (n, 1, 1, 1), to stand beside images."""
    return values.view(-1, 1, 1, 1)


def normal(shape: tuple[int, ...], game: SearchGame) -> Tensor:
    """Return Gaussian noise from the game's stream, on its device."""
    return torch.randn(shape, generator=game.rng).to(game.device)


def signs(shape: tuple[int, ...], game: SearchGame) -> Tensor:
    """Return -1 and 1 at random from the game's stream, float, on its device."""
    return (2.0 * torch.randint(2, shape, generator=game.rng) - 1).to(game.device)
