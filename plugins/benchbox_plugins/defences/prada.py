"""The defence 'prada-detector'."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Access, Defence, Options, Owner, Told

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from benchbox_plugins.defences._memory import Rows

_EVERY, _LEAST_OF_A_CLASS, _LEAST, _OUTLIERS = 10, 10, 100, 3.0
_MOST_TESTED = 5000
"""Distances that the test of normality takes; the newest."""


class PradaOptions(Options):
    """Options of ``prada-detector``."""

    delta: float = Field(
        default=0.9, gt=0, lt=1, description="below this value of Shapiro and Wilk's W there is an alarm"
    )
    blocks: bool = Field(default=True, description="whether an image that raises an alarm is not answered")


class Prada(Defence):
    """Raises an alarm where distances between queries stop being normal.

    Juuti et al., "PRADA: Protecting Against DNN Model Stealing Attacks", EuroS&P 2019 (SSGAalto's code): for each class that
    was answered, a growing set of queries; the distance of a query to its class's set joins the set's distances, and the
    query the set where it is larger than the set's threshold, which grows to mean less deviation of those distances that were
    accepted. Every 10 queries the distances of all classes with 10 or more are pooled, without those beyond three deviations,
    and where over 100 are left, W < delta of the newest 5,000 is an alarm, until the next test says otherwise. Ours differs: L2
    of pixels in [0, 1] (the code's whole numbers wrap round), and an alarm blocks, where the code shuffles the three largest
    logits.
    """

    name: ClassVar[str] = "prada-detector"
    needs: ClassVar[Access] = Access.LABEL
    Options: ClassVar[type[Options]] = PradaOptions
    _sets: Rows
    _classes: Rows
    _distances: Rows

    def prepare(self, owner: Owner) -> None:
        """Begin with empty sets."""
        from math import prod

        import torch

        from benchbox_plugins.defences._memory import Rows

        self._sets, self._classes = Rows(prod(owner.shape)), Rows(1, torch.int64)
        self._distances = Rows(3, torch.float64)  # class, distance, whether the query joined the set
        self._asked, self._alarm = 0, False
        self._thresholds = torch.zeros(owner.classes, dtype=torch.float64)

    def answer(self, images: Tensor, probabilities: Tensor, rng: torch.Generator) -> Told:
        """Watch; see ``Defence.answer``."""
        import torch

        said = probabilities.argmax(1).tolist()
        alarms = torch.tensor([self._seen(row, c) for row, c in zip(images.flatten(1).cpu(), said, strict=True)])
        return Told(probabilities, alarms, alarms if self.options.blocks else None)

    def _seen(self, pixels: Tensor, c: int) -> bool:
        """Take note of a query; return whether the alarm stands."""
        mine = self._sets.rows[self._classes.rows[:, 0] == c]
        if not len(mine):
            self._join(pixels, c)
        else:
            far = float((mine - pixels).norm(dim=1).min())
            joins = far > float(self._thresholds[c])
            self._distances.add(self._thresholds.new_tensor([c, far, joins]))
            if joins:
                self._join(pixels, c)
                own = self._distances.rows[(self._distances.rows[:, 0] == c) & (self._distances.rows[:, 2] > 0), 1]
                grown = own.mean() - own.std(correction=0)
                self._thresholds[c] = max(float(self._thresholds[c]), float(grown))
        self._asked += 1
        if self._asked % _EVERY == 0:
            self._alarm = self._abnormal()
        return self._alarm

    def _join(self, pixels: Tensor, c: int) -> None:
        self._sets.add(pixels)
        self._classes.add(self._classes.rows.new_tensor([c]))

    def _abnormal(self) -> bool:
        from scipy.stats import shapiro

        found = self._distances.rows
        classes = found[:, 0].long()
        many = (classes.bincount(minlength=len(self._thresholds)) >= _LEAST_OF_A_CLASS)[classes]
        far = found[many, 1]
        if not len(far):
            return False
        usual = far[(far - far.mean()).abs() <= _OUTLIERS * far.std(correction=0)][-_MOST_TESTED:]
        if len(usual) <= _LEAST or bool((usual == usual[0]).all()):
            return False
        return bool(shapiro(usual.numpy()).statistic < self.options.delta)
