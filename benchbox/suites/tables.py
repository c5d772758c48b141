"""The tables of a suite file below its scenarios, as typed data: unknown keys are errors, and so are values of another type."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr

from benchbox.contracts.threat import Norm, Threat
from benchbox.images.pool import PoolRule
from benchbox.suites.words import Budget, ImageCount, Name, Seed, Written
from benchbox.target.zoo.spec import TargetSpec


class Table(BaseModel):
    """A table of a suite file: an unknown key is an error, and so is a value of another type."""

    # strict: a quoted "yes" must not grant an insider, nor a quoted number pass for one
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def as_tuple(value: Any) -> Any:
    """Return what TOML writes as a list as a tuple: strict models take no list for one."""
    return tuple(value) if isinstance(value, list) else value


def _goal(value: str) -> str:
    if not re.fullmatch("untargeted|others|class:(0|[1-9][0-9]{0,8})", value):
        raise ValueError("should be 'untargeted', 'others' or 'class:N', N a number from 0")
    return value


Goal = Annotated[str, AfterValidator(_goal)]
GOALS = (
    '`"untargeted"`, any other class; `"class:3"`, every image towards class 3; `"others"`, towards each other class'
)


BEHIND = 10_000
"""The place of methods that no suite file lists: behind all that it does."""


class MethodEntry(Table):
    """A method in a suite: ``"name[option=value]"``, or a table that also gives it a name of its own."""

    use: Written = Field(description='the method, `"name[option=value]"`')
    trainer: Written = Field(
        default="", description="who makes its substitutes; the scenario's trainer where it is left out"
    )
    label: Name = Field(default="", description="what tables call it; else it is called as it is written")
    _place: int = PrivateAttr(default=BEHIND)

    @property
    def place(self) -> int:
        """Its place within its scenario in the suite file, which it keeps where a run plays fewer methods."""
        return self._place

    def put(self, place: int) -> None:
        """Say which place it has."""
        self._place = place

    @property
    def pair(self) -> str:
        """The method and the trainer that it is paired with, as the suite's file writes them."""
        return " + ".join(filter(None, [self.use, self.trainer]))

    @property
    def written(self) -> str:
        """Its label, or else the pair."""
        return self.label or self.pair


class ThreatTable(Table):
    """The ball that an attack's examples must stay in: ``{ norm = "inf", radius = 0.3 }``; see ``Threat``."""

    norm: Norm = Field(
        description='`"inf"`, the largest change of a value, or `"2"`, the root of the sum of squared changes'
    )
    radius: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Field(
        description="how far that may be, in grey levels from 0 to 1"
    )

    @property
    def threat(self) -> Threat:
        """The threat that it states."""
        return Threat(self.norm, self.radius)


class PriorTable(Table):
    """How the substitute is made that query attacks may start from: ``{ method = "random", budget = 150 }``."""

    method: Written = Field(description="who spends the queries: a selector or a generator")
    budget: Budget = Field(description="how many queries; they are in the total of whoever uses the substitute")
    trainer: Written = Field(
        default="", description="who trains on the answers; the scenario's trainer where it is left out"
    )


def _entry(value: Any) -> Any:
    return {"use": value} if isinstance(value, str) else value


Entry = Annotated[MethodEntry, BeforeValidator(_entry)]


class SuiteAttack(Table):
    """An attack in a suite; see ``AttackPlan`` for the meaning of the keys."""

    use: Written = Field(description='the attack, `"name[option=value]"`')
    goal: Goal = Field(default="untargeted", description=GOALS)
    success: Annotated[tuple[Name, ...], BeforeValidator(as_tuple)] = Field(
        default=(), description="names of success definitions; the goal's usual one where it is left out"
    )
    images: ImageCount | None = Field(
        default=None, description="how many test images, drawn by the seed; all of them where it is left out"
    )
    at: Literal["every", "last"] = Field(default="every", description='at `"every"` budget, or at the `"last"` alone')
    threat: ThreatTable | None = Field(
        default=None, description="the ball that examples must stay in; the attack's own where it is left out"
    )

    @property
    def definitions(self) -> tuple[str, ...]:
        """The success definitions: those named, or the goal's usual one."""
        return self.success or (("asr_untargeted",) if self.goal == "untargeted" else ("asr_targeted",))


Attacks = Annotated[tuple[SuiteAttack, ...], BeforeValidator(as_tuple)]


class PoolTable(PoolRule):
    """A pool as a suite file writes it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    dataset: Written | None = Field(default=None, description=PoolRule.model_fields["dataset"].description)


def _rule(table: PoolTable) -> PoolRule:
    return PoolRule(**dict(table))


Pool = Annotated[PoolTable, AfterValidator(_rule)]


class TargetTable(Table):
    """A scenario's target; its data set is the scenario's own."""

    model: Written = Field(
        description="the model plugin; or `architecture@weights`, as `inception_v3@imagenet1k_v1`, which is not trained here"
    )
    recipe: Name = Field(
        default="standard",
        description='how it is trained; `"ready"` takes a model that brings trained weights, such as `efficientnet-lite0`',
    )
    seed: Seed | None = Field(
        default=None,
        description="the one target that all seeds attack; where it is left out, seed s attacks the target trained with seed s",
    )

    def spec(self, dataset: str, holdout: int, replicate: int) -> TargetSpec:
        """Return the target of a replicate on a data set, trained without the ``holdout`` images of a disjoint pool."""
        seed = replicate if self.seed is None else self.seed
        return TargetSpec(dataset=dataset, model=self.model, recipe=self.recipe, seed=seed, holdout=holdout)


def _model(value: Any) -> Any:
    return [{"model": each} if isinstance(each, str) else each for each in value] if isinstance(value, list) else value


Targets = Annotated[tuple[TargetTable, ...], BeforeValidator(as_tuple), BeforeValidator(_model)]
