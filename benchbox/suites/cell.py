"""A cell: one scenario x one method x one seed, as plain picklable data, and the hash that identifies it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict

from benchbox.contracts import Grant
from benchbox.contracts.threat import Threat
from benchbox.images.pool import PoolRule
from benchbox.target.response import Response

SCORING_VERSION = 2
"""Raised when scoring changes what a stored number means."""


Precision = Literal["float32", "bf16"]
"""In what the attacker computes: single precision, or mixed with bfloat16 where PyTorch's autocast uses it."""


Blocks = Literal["ends", "costs"]
"""What an image that a defence blocks comes to: the end of the game, or a query that gives nothing."""


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _digest(data: Any) -> str:
    """Return the first 16 hex digits of the sha256 of JSON data."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class PluginRef(_Frozen):
    """A plugin, pinned: its full options and the version of its results, and where it is loaded from.

    Attributes:
        spec: ``name[option=value]`` with the options that differ from their defaults; what tables show.
        options: every option with its value, defaults included.
        target, file: its class, as ``Row`` names it: ``package.module:Class``, or ``Class`` in a plugin file.
        source: sha256 of its source when the cell was planned; empty where that is not known.
        builtin: whether benchbox itself brought it.
    """

    kind: str
    name: str
    version: int
    spec: str
    options: dict[str, Any]
    target: str = ""
    file: str = ""
    source: str = ""
    builtin: bool = False

    @property
    def who(self) -> str:
        """``selector 'mine'``."""
        return f"{self.kind} '{self.name}'"

    @property
    def key(self) -> str:
        """``selector mine``: its name among the sources of a cell."""
        return f"{self.kind} {self.name}"


_BESIDE = ("spec", "target", "file", "source", "builtin")
"""What of a plugin does not change a result, or stands for what does: left out of a cell's identity."""


class TargetRef(_Frozen):
    """A target, pinned by the sha256 of its weights; ``none`` where its model cannot take the scenario's images."""

    name: str
    sha256: str


class AttackPlan(_Frozen):
    """One attack as a scenario plays it.

    Attributes:
        attack: the plugin.
        goal: ``untargeted``; ``class:N`` (every image towards class N); ``others`` (every image towards each other class).
        success: names of the success definitions to report (``benchbox.scoring.success``).
        images: how many held-out test images, drawn under the seed; None means all.
        at: at every budget point, or at the last.
        threat: the ball that examples must stay in; None where the scenario leaves that to the attack.
        stated: the ball that the attack itself states, with its options.
        suffix: what the label says more, where a scenario has several plans of one attack and goal. It follows from these.
    """

    attack: PluginRef
    goal: str
    success: tuple[str, ...]
    images: int | None = None
    at: Literal["every", "last"] = "every"
    threat: Threat | None = None
    stated: Threat | None = None
    suffix: str = ""

    @property
    def label(self) -> str:
        """What tables call it: the attack and its goal, and where that is not enough, what tells it from the others."""
        return f"{self.attack.spec} {self.goal}{self.suffix}"

    @property
    def identity(self) -> dict[str, Any]:
        """All that can change what is measured, as JSON data; a threat only where the scenario states one."""
        data = self.model_dump(mode="json", exclude={"suffix": True, "stated": True, "attack": set(_BESIDE)})
        if data["threat"] is None:
            del data["threat"]
        return data

    @property
    def hash(self) -> str:
        """The first 16 hex digits of the sha256 of the identity."""
        return _digest(self.identity)


class PriorPlan(_Frozen):
    """How a substitute is made for query attacks: who spends how many queries, and who trains, None where the method does."""

    method: PluginRef
    trainer: PluginRef | None
    budget: int


class Surrogate(_Frozen):
    """A network that query attacks are given ready: the model plugin that builds it, and the target whose weights it has."""

    model: PluginRef
    target: TargetRef


class SearchPlan(_Frozen):
    """What query attacks search in a scenario.

    Attributes:
        threat: the ball that an example must lie in to count.
        goal: ``untargeted``; ``class:N`` (every image towards class N); ``others`` (every image towards each other class).
        images: how many held-out test images, drawn under the seed; None means all. Those that the target gets wrong do not
            count, and are not searched.
        prior: how the substitute is made that attacks may start from; None where none is granted.
        surrogates: networks for the same task that attacks may start from, which somebody trained without asking the target.
    """

    threat: Threat
    goal: str
    images: int | None = None
    prior: PriorPlan | None = None
    surrogates: tuple[Surrogate, ...] = ()


class Scenario(_Frozen):
    """The rules of one game, with everything resolved that can change a result.

    Attributes:
        dataset: the data set as written.
        dataset_hash: the hash of its content.
        target: the pinned target.
        substitute: the model plugin that the attacker trains.
        access: what the oracle answers.
        pool: the attacker's pool; None where the attacker has no images.
        pool_hash: content hash of the pool's own data set, where it is another than ``dataset``.
        pool_draw: which random draw the pool is; 0 where nothing is drawn.
        public: a data set of another domain that anybody has; None where there is none.
        public_hash: its content hash.
        budgets: query budgets at which the core scores, ascending; of query attacks, for each example.
        precision: in what the attacker's networks compute; the target's answers and all scores are in float32.
        insider: whether privileged methods are granted the target's probabilities and activations.
        attacks: what is done with each substitute.
        defence: what stands between the target and who asks it; None where nothing does.
        blocked: what an image that it blocks comes to: it ``ends`` the game, or it ``costs`` a query and gives nothing.
        search: what query attacks search; None in a scenario for other methods.
    """

    dataset: str
    dataset_hash: str
    target: TargetRef
    substitute: PluginRef
    access: Response
    pool: PoolRule | None
    pool_hash: str | None = None
    pool_draw: int = 0
    public: str | None = None
    public_hash: str | None = None
    budgets: tuple[int, ...]
    precision: Precision = "float32"
    insider: bool = False
    attacks: tuple[AttackPlan, ...] = ()
    search: SearchPlan | None = None
    defence: PluginRef | None = None
    blocked: Blocks = "ends"


class Cell(_Frozen):
    """One scenario x one line-up x one seed: the unit that runs, fails, resumes and is stored.

    Attributes:
        scenario: the rules.
        method: who spends the queries.
        trainer: who makes the substitutes; None where the method makes its own.
        uses: what of the scenario's grants the line-up uses, in order; the insider's view is the scenario's own key.
        seed: from which every stream of chance derives.
        scoring_version: what a stored number means.
    """

    scenario: Scenario
    method: PluginRef
    trainer: PluginRef | None = None
    uses: tuple[Grant, ...] = ()
    seed: int
    scoring_version: int = SCORING_VERSION

    @cached_property
    def identity(self) -> dict[str, Any]:
        """All that can change the result, as JSON data: what ``benchbox show`` prints and ``id`` hashes.

        Names and paths are left out where a hash or the full options stand for them, and the usual precision.
        """
        data = self.model_dump(mode="json")
        scenario = data["scenario"]
        del scenario["dataset"], scenario["target"]["name"]
        scenario["target"] = scenario["target"]["sha256"]
        scenario["public"] = scenario.pop("public_hash")
        if scenario["pool"] is not None:
            scenario["pool"]["dataset"] = scenario["pool_hash"]
            del scenario["pool"]["labels"], scenario["pool"]["unlabelled"]  # ``uses`` says what of them matters
            if scenario["pool_draw"]:
                scenario["pool"]["draw"] = scenario["pool_draw"]
        del scenario["pool_hash"], scenario["pool_draw"]
        if scenario["precision"] == "float32":
            del scenario["precision"]
        for name in ("trainer", "uses"):
            if not data[name]:
                del data[name]
        scenario["attacks"] = [plan.identity for plan in self.scenario.attacks]
        search = scenario["search"] or {}
        prior, surrogates = search.get("prior") or {}, search.get("surrogates") or []
        for each in surrogates:
            each["target"] = each["target"]["sha256"]
        if search and not surrogates:
            del search["surrogates"]
        if not search:
            del scenario["search"]
        if scenario["defence"] is None:
            del scenario["defence"], scenario["blocked"]
        made = (prior.get("method"), prior.get("trainer"), *(each["model"] for each in surrogates))
        refs = (data["method"], data.get("trainer"), scenario["substitute"], scenario.get("defence"), *made)
        for ref in filter(None, refs):
            for name in _BESIDE:
                del ref[name]
        return data

    @cached_property
    def id(self) -> str:
        """The first 16 hex digits of the sha256 of the identity."""
        return _digest(self.identity)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy, whose identity is computed anew: pydantic copies what a cached property holds."""
        copied = super().model_copy(update=update, deep=deep)
        for name in ("identity", "id"):
            copied.__dict__.pop(name, None)
        return copied

    @property
    def contestants(self) -> tuple[PluginRef, ...]:
        """The plugins that compete in it: the method, the trainer, each attack once, and who makes its prior substitute."""
        attacks = {plan.attack.spec: plan.attack for plan in self.scenario.attacks}
        prior = self.scenario.search.prior if self.scenario.search and Grant.SUBSTITUTE in self.uses else None
        made = [prior.method, prior.trainer] if prior else []
        return (self.method, *filter(None, [self.trainer]), *attacks.values(), *filter(None, made))

    @property
    def surrogates(self) -> tuple[Surrogate, ...]:
        """The networks that the method is given ready; none where it uses none."""
        search = self.scenario.search
        return search.surrogates if search is not None and Grant.SUBSTITUTE in self.uses else ()

    @property
    def privileged(self) -> bool:
        """Whether the method is granted more than a black box in this cell: an insider's view, or ready surrogates."""
        return self.scenario.insider or bool(self.surrogates)
