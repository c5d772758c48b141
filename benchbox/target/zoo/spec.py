"""What a target is: a data set, a model, a recipe, a seed, and what was kept from it."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field, ValidationError

STANDARD = "standard"
_EXTRA = re.compile(r"\+(recipe|seed|holdout)=([^+]+)$")


def unseeded(name: str) -> str:
    """Return a target's name without its seed: ``mnist/lenet5+seed=3`` is one of several ``mnist/lenet5``."""
    return re.sub(r"\+seed=[0-9]+", "", name)


class TargetSpec(BaseModel):
    """A target as a suite or ``targets.toml`` names it.

    Attributes:
        dataset: the data set, as ``mnist`` or ``npz:faces.npz``.
        model: the model plugin, as ``lenet5``.
        recipe: the name of its recipe (``[recipes.NAME]`` in a target folder's ``targets.toml``).
        seed: of its initial weights, its training, and the draw of the images that it never saw.
        holdout: how many training images the target never saw, since they belong to the attacker alone
            (``benchbox.images.pool.target_rows``).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: str
    model: str
    recipe: str = STANDARD
    seed: int = Field(default=0, ge=0)
    holdout: int = Field(default=0, ge=0)

    @property
    def name(self) -> str:
        """``dataset/model``, followed by what differs from the defaults: ``mnist/lenet5+holdout=10000``."""
        extras = {"recipe": (self.recipe, STANDARD), "seed": (self.seed, 0), "holdout": (self.holdout, 0)}
        tail = "".join(f"+{key}={value}" for key, (value, default) in extras.items() if value != default)
        return f"{self.dataset}/{self.model}{tail}"

    @classmethod
    def named(cls, name: str) -> TargetSpec | None:
        """Return the target of a name, whether or not anybody has trained it; None where it is no target's."""
        rest, extras = name, dict[str, str]()
        while found := _EXTRA.search(rest):
            rest, extras[found[1]] = rest[: found.start()], found[2]
        dataset, _, model = rest.rpartition("/")
        try:
            spec = cls.model_validate({"dataset": dataset, "model": model, **extras})
        except ValidationError:
            return None
        return spec if spec.name == name else None
