"""What a player is told before it plays: plain data and tensors, sent once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from benchbox.contracts import Access, Shape
from benchbox.suites.cell import PluginRef, Precision

if TYPE_CHECKING:
    from torch import Tensor


_PLUGINS = ("contestant", "trainer", "model")


@dataclass(frozen=True)
class Ready:
    """A network that a query attack is given: the model that builds it, and its weights."""

    model: PluginRef
    weights: dict[str, Tensor]

    def data(self) -> dict[str, Any]:
        """Return it as plain data with tensors."""
        return {"model": self.model.model_dump(mode="json"), "weights": self.weights}

    @classmethod
    def read(cls, data: dict[str, Any]) -> Ready:
        """Return what ``data`` was made from."""
        return cls(PluginRef.model_validate(data["model"]), data["weights"])


@dataclass(frozen=True)
class Brief:
    """A game from the player's side.

    Attributes:
        contestant: who plays.
        trainer: makes substitutes; None where the contestant makes its own.
        model: the scenario's network.
        access: what the oracle answers.
        budgets: the budget points, ascending.
        budget: what the oracle of this game pays for, of a query attack for each example; 0 for an attack.
        shape: (channels, height, width) of an image.
        classes: how many classes the target knows.
        device: where to compute, as torch writes it.
        precision: in what.
        seed: the suite's seed, from which the streams of a cell derive.
        insider: whether the insider's view is granted.
        pool: the attacker's images, float32 (n, *shape); None where there are none.
        labels: the attacker's own of the pool, int64 (n,); None unless they are granted and used.
        unlabelled: whether the trainer, or a query attack, may learn from the pool's images.
        prepared: what the trainer learnt before the first answer.
        public: images of another domain, float32 (n, *shape); None where there are none.
        weights: of the substitute to attack, or that a query attack is granted; None where there is none.
        surrogates: networks that a query attack is given in its place.
        stream: seeds the global generators before the game.
        targeted: whether an attack is given goals.
        search: of a query attack, the number of its first example (``block``) and its threat (norm, radius).
        examples: the images that it searches, float32 (n, *shape), their labels, int64 (n,), and goals where there are any.
    """

    contestant: PluginRef
    trainer: PluginRef | None
    model: PluginRef
    access: Access
    budgets: tuple[int, ...]
    budget: int
    shape: Shape
    classes: int
    device: str
    precision: Precision
    seed: int
    stream: int
    insider: bool = False
    pool: Tensor | None = None
    labels: Tensor | None = None
    unlabelled: bool = False
    prepared: Mapping[str, Tensor] = field(default_factory=dict)
    public: Tensor | None = None
    weights: dict[str, Tensor] | None = None
    surrogates: tuple[Ready, ...] = ()
    targeted: bool = False
    search: Mapping[str, Any] = field(default_factory=dict)
    examples: Mapping[str, Tensor] = field(default_factory=dict)

    @property
    def who(self) -> str:
        """``selector 'mine'``."""
        return self.contestant.who

    def data(self) -> dict[str, Any]:
        """Return it as plain data with tensors."""
        data = {each.name: getattr(self, each.name) for each in fields(self)}
        for key in _PLUGINS:
            data[key] = data[key] and data[key].model_dump(mode="json")
        return {**data, "access": self.access.value, "surrogates": [each.data() for each in self.surrogates]}

    @classmethod
    def read(cls, data: dict[str, Any]) -> Brief:
        """Return the brief that ``data`` was made from."""
        refs = {key: data[key] and PluginRef.model_validate(data[key]) for key in _PLUGINS}
        surrogates = tuple(map(Ready.read, data["surrogates"]))
        return cls(**{**data, **refs, "access": Access(data["access"]), "surrogates": surrogates})
