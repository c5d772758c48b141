"""What a suite file says, as typed data: unknown keys are errors, and so is a value of another type than the key's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from benchbox.contracts import QueryAttack
from benchbox.contracts.threat import Norm, Threat
from benchbox.images.pool import PoolRule
from benchbox.kinds import METHODS
from benchbox.suites.cell import Blocks, Precision
from benchbox.suites.words import (
    HELD_OUT,
    MOST_SEEDS,
    Budget,
    Described,
    Images,
    Name,
    Seconds,
    Seed,
    Title,
    Written,
    WrittenSealed,
)
from benchbox.target.response import Response
from benchbox.target.zoo.spec import TargetSpec

DEFAULT_TIME_LIMIT = 4 * 3600
_PLAYS = "a scenario that plays 'query-attack'"


class _Table(BaseModel):
    # strict: a quoted "yes" must not grant an insider, nor a quoted number pass for one
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _list(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _goal(value: str) -> str:
    if not re.fullmatch("untargeted|others|class:(0|[1-9][0-9]{0,8})", value):
        raise ValueError("should be 'untargeted', 'others' or 'class:N', N a number from 0")
    return value


class MethodEntry(_Table):
    """A method in a suite: ``"name[option=value]"``, or a table that also gives it a name of its own.

    Attributes:
        use: the method.
        trainer: who makes its substitutes; the scenario's trainer where it is empty.
        label: what tables call it; where it is empty, the canonical form of ``use``, and behind it that of ``trainer``.
    """

    use: Written
    trainer: Written = ""
    label: Name = ""

    @property
    def pair(self) -> str:
        """The method and the trainer that it is paired with, as the suite's file writes them."""
        return " + ".join(filter(None, [self.use, self.trainer]))

    @property
    def written(self) -> str:
        """Its label, or else the pair."""
        return self.label or self.pair


class ThreatTable(_Table):
    """The ball that an attack's examples must stay in: ``{ norm = "inf", radius = 0.3 }``; see ``Threat``."""

    norm: Norm
    radius: Annotated[float, Field(gt=0, allow_inf_nan=False)]

    @property
    def threat(self) -> Threat:
        """The threat that it states."""
        return Threat(self.norm, self.radius)


class PriorTable(_Table):
    """How the substitute is made that query attacks may start from: ``{ method = "random", budget = 150 }``.

    Attributes:
        method: who spends the queries: a selector or a generator.
        budget: how many.
        trainer: who trains on the answers; the scenario's trainer where it is empty.
    """

    method: Written
    budget: Budget
    trainer: Written = ""


class SuiteAttack(_Table):
    """An attack in a suite; see ``AttackPlan`` for the meaning of the keys."""

    use: Written
    goal: Annotated[str, AfterValidator(_goal)] = "untargeted"
    success: Annotated[tuple[Name, ...], BeforeValidator(_list)] = ()
    images: Images | None = None
    at: Literal["every", "last"] = "every"
    threat: ThreatTable | None = None

    @property
    def definitions(self) -> tuple[str, ...]:
        """The success definitions: those named, or the goal's usual one."""
        return self.success or (("asr_untargeted",) if self.goal == "untargeted" else ("asr_targeted",))


def _entry(value: Any) -> Any:
    return {"use": value} if isinstance(value, str) else value


Entry = Annotated[MethodEntry, BeforeValidator(_entry)]
Budgets = Annotated[tuple[Budget, ...], Field(min_length=1), BeforeValidator(_list)]
Attacks = Annotated[tuple[SuiteAttack, ...], BeforeValidator(_list)]


class PoolTable(PoolRule):
    """A pool as a suite file writes it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    dataset: Written | None = None


def _takes_attacks(table: dict[str, Any]) -> bool:
    return table.get("plays") != QueryAttack.kind


def _shared(shared: dict[str, Any], table: Any) -> Any:
    if not isinstance(table, dict):
        return table
    left = [*(["attacks"] if not _takes_attacks(table) else []), *(["defences"] if "defence" in table else [])]
    return {key: it for key, it in shared.items() if key not in left} | table


_GAME_OF_ALL = ("defences", "blocked")
"""What a file may say once for all its scenarios."""
_LISTS = {"defences": "defence", "ladder": "access"}
"""Keys of a scenario that stand for several: the key that each of their values is one of."""
BARE = "none"
"""What stands for no defence in a list of them."""


def variants(table: Any) -> list[Any]:
    """Return the scenarios that a table with ``defences`` or a ``ladder`` stands for, each with the value in its name.

    Raises:
        ValueError: it says the one and the many.
    """
    for key, one in _LISTS.items():
        if isinstance(table, dict) and isinstance(table.get(key), list):
            if one in table:
                raise ValueError(f"a scenario says '{key}' or '{one}', not both")
            rest = {name: value for name, value in table.items() if name != key}
            return [found for value in table[key] for found in variants(_variant(rest, one, value))]
    return [table]


def _variant(table: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    named = {**table, "name": f"{table.get('name', '')}, {'bare' if value == BARE else value}"}
    return {name: it for name, it in named.items() if name != "blocked"} if value == BARE else {**named, key: value}


def _rule(table: PoolTable) -> PoolRule:
    return PoolRule(**dict(table))


def _played(kind: str) -> str:
    if kind not in METHODS:
        raise ValueError(f"should be {' or '.join(map(repr, METHODS))}")
    return kind


class TargetTable(_Table):
    """A scenario's target; its data set is the scenario's own.

    Attributes:
        model: the model plugin; or ``architecture@weights``, as ``inception_v3@imagenet1k_v1``, which is not trained.
        recipe: how it is trained.
        seed: that of the target which all replicates attack; None gives each replicate the target of its own seed.
    """

    model: Written
    recipe: Name = "standard"
    seed: Seed | None = None

    def spec(self, dataset: str, holdout: int, replicate: int) -> TargetSpec:
        """Return the target of a replicate on a data set, trained without the ``holdout`` images of a disjoint pool."""
        seed = replicate if self.seed is None else self.seed
        return TargetSpec(dataset=dataset, model=self.model, recipe=self.recipe, seed=seed, holdout=holdout)


def _model(value: Any) -> Any:
    return [{"model": each} if isinstance(each, str) else each for each in value] if isinstance(value, list) else value


class ScenarioTable(_Table):
    """One ``[[scenario]]`` of a suite file.

    Attributes:
        name: what tables call it.
        plays: which kind of method it is for.
        target, substitute, access, pool, public, precision, insider: the rules; see ``Scenario``.
        budgets: query budgets, ascending: for all data sets, or a table by data set with a ``default``.
        trainer: who makes the substitutes of methods that do not make their own.
        methods: who plays.
        attacks: what is done with each substitute.
        defence: what stands before the target; nothing where it is left out. ``blocked`` says what a block comes to.
        threat, goal, images, prior, surrogates: of a scenario for query attacks; see ``SearchPlan``.
    """

    name: Name
    plays: Annotated[str, AfterValidator(_played)]
    target: TargetTable
    substitute: Written
    access: Response
    pool: Annotated[PoolTable, AfterValidator(_rule)] | None = None
    public: Written | None = None
    precision: Precision = "float32"
    insider: bool = False
    trainer: Written = "standard"
    budgets: dict[str, Budgets]
    methods: Annotated[tuple[Entry, ...], Field(min_length=1), BeforeValidator(_list)]
    attacks: Attacks = ()
    defence: Written | None = None
    blocked: Blocks = "ends"
    threat: ThreatTable | None = None
    goal: Annotated[str, AfterValidator(_goal)] = "untargeted"
    images: Images | None = None
    prior: PriorTable | None = None
    surrogates: Annotated[tuple[TargetTable, ...], BeforeValidator(_list), BeforeValidator(_model)] = ()

    @property
    def searches(self) -> bool:
        """Whether it is for query attacks."""
        return self.plays == QueryAttack.kind

    @model_validator(mode="after")
    def _of_its_kind(self) -> ScenarioTable:
        if self.searches and self.threat is None:
            raise ValueError(f'{_PLAYS} needs a threat: threat = {{ norm = "inf", radius = 0.3 }}')
        if self.searches and self.attacks:
            raise ValueError(f"{_PLAYS} has no substitute to make 'attacks' with")
        if "blocked" in self.model_fields_set and self.defence is None:
            raise ValueError("'blocked' says what a defence's block comes to; this scenario names no 'defence'")
        if self.prior is not None and self.surrogates:
            raise ValueError("a scenario grants a substitute that is made for it, 'prior', or 'surrogates', not both")
        if len(set(self.surrogates)) != len(self.surrogates):
            raise ValueError("'surrogates' must be distinct")
        own = {"threat", "goal", "images", "prior", "surrogates"} & self.model_fields_set
        if own and not self.searches:
            raise ValueError(
                f"{sorted(own)[0]!r} is for scenarios that play 'query-attack'; this one plays '{self.plays}'"
            )
        return self

    @field_validator("budgets", mode="before")
    @classmethod
    def _one_list(cls, value: Any) -> Any:
        if not isinstance(value, list | tuple | dict):
            raise ValueError("should be a list, or a table of lists by data set")
        return value if isinstance(value, dict) else {"default": value}

    @field_validator("budgets")
    @classmethod
    def _ascending(cls, value: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
        for budgets in value.values():
            if list(budgets) != sorted(set(budgets)):
                raise ValueError("must ascend, each budget once")
        if "default" not in value:
            raise ValueError("budgets by data set need a 'default'")
        return value

    def budgets_for(self, dataset: str) -> tuple[int, ...]:
        """Return the budgets on a data set; on a held-out part of one they are its own."""
        return self.budgets.get(dataset.removeprefix(HELD_OUT), self.budgets["default"])


class Suite(_Table):
    """A suite file.

    Attributes:
        name: the file's name without ``.toml``.
        title, description: for people.
        datasets: the data sets it is meant for; the first is the default.
        seeds: the seeds it plays: a number n for 0..n-1, or a list.
        at_most: whether attacked images are as many as there are where the test part has fewer: the file is meant for several
            data sets, and one number cannot suit all.
        fits: whether pools and selectors' budgets are cut down where a data set has fewer images.
        time_limit: seconds that one cell may take.
        sealed: how far players must be shut in at the least; None leaves it to the machine.
        attacks: those of every scenario that lists none itself.
        scenario: its scenarios.
        path: where it was read from.
    """

    name: Name
    title: Title
    description: Described = ""
    datasets: Annotated[tuple[Written, ...], Field(min_length=1), BeforeValidator(_list)]
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1, max_length=MOST_SEEDS)]
    fits: bool = False
    time_limit: Seconds = DEFAULT_TIME_LIMIT
    sealed: WrittenSealed | None = None
    attacks: Attacks = ()
    scenario: Annotated[tuple[ScenarioTable, ...], Field(min_length=1), BeforeValidator(_list)]
    at_most: bool = Field(default=False, exclude=True)
    path: Path

    @model_validator(mode="before")
    @classmethod
    def _said_for_all(cls, data: Any) -> Any:
        tables = data.get("scenario") if isinstance(data, dict) else None
        if not isinstance(tables, list):
            return data
        shared = {key: data[key] for key in ("attacks", *_GAME_OF_ALL) if key in data}
        whole = [_shared(shared, table) for table in tables]
        own = {key: value for key, value in data.items() if key not in _GAME_OF_ALL}
        return {**own, "scenario": [one for table in whole for one in variants(table)]}

    @field_validator("seeds", mode="before")
    @classmethod
    def _count(cls, value: Any) -> Any:
        if type(value) is not int:  # true is an int to Python, and no number of seeds
            return _list(value)
        if not 1 <= value <= MOST_SEEDS:
            raise ValueError(f"should be from 1 to {MOST_SEEDS:,}, or a list of seeds")
        return tuple(range(value))

    @field_validator("seeds", "datasets")
    @classmethod
    def _distinct(cls, value: tuple[Any, ...]) -> tuple[Any, ...]:
        if len(set(value)) != len(value):
            raise ValueError("must be distinct")
        return value

    @field_validator("scenario")
    @classmethod
    def _named_apart(cls, value: tuple[ScenarioTable, ...]) -> tuple[ScenarioTable, ...]:
        names = [scenario.name for scenario in value]
        if len(set(names)) != len(names):
            raise ValueError("must have a name each: two scenarios have one")
        return value
