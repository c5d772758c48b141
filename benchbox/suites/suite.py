"""What a suite file says, as typed data: unknown keys are errors, and so is a value of another type than the key's."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    field_validator,
    model_validator,
)

from benchbox.contracts import QueryAttack
from benchbox.kinds import METHODS
from benchbox.suites.cell import Blocks, Precision
from benchbox.suites.tables import (
    GOALS,
    Attacks,
    Entry,
    Goal,
    Pool,
    PriorTable,
    Table,
    Targets,
    TargetTable,
    ThreatTable,
    as_tuple,
)
from benchbox.suites.words import (
    HELD_OUT,
    MOST_SEEDS,
    Budget,
    Described,
    ImageCount,
    Name,
    Seconds,
    Seed,
    Title,
    Written,
    WrittenSealed,
)
from benchbox.target.response import Response

DEFAULT_TIME_LIMIT = 4 * 3600
Budgets = Annotated[tuple[Budget, ...], Field(min_length=1), BeforeValidator(as_tuple)]
_PLAYS = "a scenario that plays 'query-attack'"


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


def _played(kind: str) -> str:
    if kind not in METHODS:
        raise ValueError(f"should be {' or '.join(map(repr, METHODS))}")
    return kind


class ScenarioTable(Table):
    """One ``[[scenario]]`` of a suite file; what the rules come to stands at ``Scenario``."""

    name: Name = Field(description="what tables call it")
    plays: Annotated[str, AfterValidator(_played)] = Field(
        description='which kind of method it is for: `"selector"`, `"generator"` or `"query-attack"`'
    )
    target: TargetTable = Field(description="the model under attack")
    substitute: Written = Field(description="the model that attackers train")
    access: Response = Field(
        description='what an answer holds: `"label"`; `"topk:3"`, the three largest probabilities; `"rounded:1"`, every '
        'probability to one decimal; `"probabilities"`. What is cut is scaled to sum to 1 again'
    )
    pool: Pool | None = Field(default=None, description="the attacker's images; a scenario for selectors needs them")
    public: Written | None = Field(default=None, description="a data set of another domain that anybody has")
    precision: Precision = Field(default="float32", description='in what attackers compute; `"bf16"` is faster')
    insider: bool = Field(
        default=False,
        description="whether methods that want it are shown the target's probabilities and activations; they are never ranked",
    )
    trainer: Written = Field(
        default="standard",
        description="who makes the substitutes of methods that do not make their own: of every selector, and of few generators",
    )
    budgets: dict[str, Budgets] = Field(
        description="after how many queries substitutes are scored, ascending; of query attacks, queries *an example*. "
        "`{ default = [50], mnist = [100] }` says it by data set, `held-out:mnist` included"
    )
    methods: Annotated[tuple[Entry, ...], Field(min_length=1), BeforeValidator(as_tuple)] = Field(
        description="who plays"
    )
    attacks: Attacks = Field(default=(), description="what is done with each substitute; not of query attacks")
    defence: Written | None = Field(default=None, description="what stands between the target and whoever asks it")
    blocked: Blocks = Field(
        default="ends",
        description='what a blocked image comes to: it `"ends"` the game, or it `"costs"` a query and gives nothing',
    )
    threat: ThreatTable | None = Field(
        default=None,
        description="query attacks only, and required there: the ball that an example must lie in to count",
    )
    goal: Goal = Field(
        default="untargeted",
        description=f"query attacks only: {GOALS}. Those that search no goal are *not applicable* then",
    )
    images: ImageCount | None = Field(
        default=None,
        description="query attacks only: how many test images, drawn by the seed; all of them where it is left out. Those "
        "that the target gets wrong count neither way",
    )
    prior: PriorTable | None = Field(
        default=None, description="query attacks only: how the substitute is made that they may start from"
    )
    surrogates: Targets = Field(
        default=(),
        description='query attacks only, in place of a `prior`: `[{ model = "conv4", seed = 0 }, "c3f2"]`, networks that '
        "others trained for the same task and that attacks start from as they are. Who uses them is never ranked",
    )

    @property
    def searches(self) -> bool:
        """Whether it is for query attacks."""
        return self.plays == QueryAttack.kind

    @model_validator(mode="after")
    def _in_places(self) -> ScenarioTable:
        for place, method in enumerate(self.methods):
            method.put(place)
        return self

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


class Suite(Table):
    """A suite file.

    Attributes:
        name: the file's name without ``.toml``.
        at_most: whether attacked images are as many as there are where the test part has fewer: the file is meant for several
            data sets, and one number cannot suit all.
        path: where it was read from.
    """

    name: Name
    title: Title = Field(description="for people, one line")
    description: Described = Field(default="", description="for people, as long as it needs to be")
    datasets: Annotated[tuple[Written, ...], Field(min_length=1), BeforeValidator(as_tuple)] = Field(
        description="the data sets that it is meant for; the first is played where `--dataset` names none"
    )
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1, max_length=MOST_SEEDS)] = Field(
        description="how many seeds, counted from 0, or a list of them"
    )
    fits: bool = Field(
        default=False,
        description="whether pools and selectors' budgets are cut down where a data set has fewer images",
    )
    board: bool = Field(
        default=True,
        description="whether the leaderboard names it while nobody has played it; `false` where its numbers rank nothing",
    )
    time_limit: Seconds = Field(default=DEFAULT_TIME_LIMIT, description="seconds that a cell may take")
    sealed: WrittenSealed | None = Field(
        default=None,
        description='how far players must be shut in: `"process"` or `"sandbox"`; what the machine can where it is left out',
    )
    attacks: Attacks = Field(default=(), description="the attacks of every scenario that lists none itself")
    scenario: Annotated[tuple[ScenarioTable, ...], Field(min_length=1), BeforeValidator(as_tuple)] = Field(
        description="a game; `[[scenario]]` several times, each with a name"
    )
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
            return as_tuple(value)
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
