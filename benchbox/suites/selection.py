"""Narrowing a suite to what the user asked for on the command line, or widening it by a method or attack."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

from benchbox.errors import OptionError, SuiteError, UnknownNameError, quoted, shown
from benchbox.kinds import METHOD
from benchbox.registry import Catalogue, Spec
from benchbox.suites.asked import budgets_of, check_seeds, is_whole, names, numbers, read_seeds, seed_count, written
from benchbox.suites.cell import Precision
from benchbox.suites.files import with_label
from benchbox.suites.suite import BARE, ScenarioTable, Suite
from benchbox.suites.tables import MethodEntry, SuiteAttack
from benchbox.suites.words import MOST_IMAGES
from benchbox.target.given import Gift


@dataclass(frozen=True)
class Selection:
    """What the user asked for; empty means what the suite says.

    Attributes:
        datasets: data sets, by name or ``npz:PATH``.
        scenarios: scenarios of the suite, by name.
        methods: methods of the suite by name or label, or any installed method with options, or a pair as tables write it:
            ``random + poisson``.
        defences: defences to play every scenario with, each apart, in place of the suite's; ``none`` for the bare target.
        trainers: trainers to pair each method with, in place of the suite's; methods that make their own substitutes are
            left out.
        attacks: attacks of the suite by name, or any installed attack with options.
        seeds: the seeds to play.
        budgets: query budgets in place of the suite's.
        images: how many test images each attack is made on, in place of the suite's.
        precision: in what attackers compute, in place of the suite's.
        target: a target that its owner gives, in place of the suite's.
        pool: a data set whose training part the attacker's images are, in place of the suite's.
    """

    datasets: Sequence[str] = ()
    methods: Sequence[str] = ()
    trainers: Sequence[str] = ()
    attacks: Sequence[str] = ()
    seeds: Sequence[int] = ()
    budgets: Sequence[int] = ()
    images: int | None = None
    scenarios: Sequence[str] = ()
    precision: Precision | None = None
    target: Gift | None = None
    pool: str | None = None
    defences: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Read what a Python caller gave as the command line reads it: a text or number alone is a list of one.

        A number of ``seeds`` alone is how many, as it is everywhere else, and a text of them is read as ``--seeds`` is.

        Raises:
            OptionError: a value is of another type, empty, or beyond what can be.
        """
        read: dict[str, Any] = {key: names(key, getattr(self, key)) for key in _NAMES}
        read |= {key: written(key, read[key]) for key in ("methods", "attacks", "defences")}
        read["seeds"] = _seeds(self.seeds)
        read["budgets"] = budgets_of("budgets", numbers("budgets", self.budgets))
        if self.images is not None and not (is_whole(self.images) and 1 <= self.images <= MOST_IMAGES):
            raise OptionError(f"images: {quoted(self.images)} should be a whole number from 1 to {MOST_IMAGES:,}")
        if self.precision not in (None, *get_args(Precision)):
            raise UnknownNameError("precision", str(self.precision), get_args(Precision))
        if self.target is not None and not isinstance(self.target, Gift):
            raise OptionError(
                f"target: {quoted(self.target)} should be a target's place, or what benchbox.given returns"
            )
        if self.pool is not None:
            (pool,) = written("pool", names("pool", self.pool))
            read["pool"] = pool
        pairs = [text for text in read["methods"] if len(_parts(text)) > 1]
        if pairs and read["trainers"]:
            asked = ", ".join(read["trainers"])
            raise OptionError(f"'{shown(pairs[0])}' names its trainer, so --trainer {shown(asked)} has none to pair")
        for key, value in read.items():
            object.__setattr__(self, key, value)  # the class is frozen


_NAMES = ("datasets", "methods", "trainers", "attacks", "scenarios", "defences")


def _seeds(asked: Any) -> tuple[int, ...]:
    if isinstance(asked, str):
        return read_seeds(asked, "seeds")
    if is_whole(asked):
        return seed_count(int(asked), "seeds")
    return check_seeds(numbers("seeds", asked), "seeds")


def select(suite: Suite, selection: Selection, catalogue: Catalogue) -> Suite:
    """Return the suite with the selection applied.

    Other budgets, attacks, numbers of attacked images or precision are other rules, whose numbers belong into tables of
    their own: the suite's name says so, as in ``label-only[budgets=50+100]``.

    Raises:
        BenchboxError: a name does not exist, or a budget or seed is not possible.
    """
    changes: dict[str, Any] = {"datasets": tuple(dict.fromkeys(selection.datasets)) or suite.datasets[:1]}
    if selection.seeds:
        changes["seeds"] = selection.seeds
    scenarios = _named(suite, selection.scenarios)
    if selection.budgets:
        scenarios = tuple(s.model_copy(update={"budgets": {"default": selection.budgets}}) for s in scenarios)
    if selection.methods:
        scenarios = _with_methods(suite.name, scenarios, selection.methods, catalogue)
    if selection.trainers:
        scenarios = _with_trainers(suite.name, scenarios, selection.trainers, catalogue)
    if selection.attacks:
        scenarios = tuple(
            s if s.searches else s.model_copy(update={"attacks": _attacks(s, selection.attacks, catalogue)})
            for s in scenarios
        )
    if selection.images is not None:
        scenarios = _with_images(suite.name, scenarios, selection.images)
        changes["at_most"] = False  # who asks for a number means it
    if selection.precision is not None:
        scenarios = tuple(s.model_copy(update={"precision": selection.precision}) for s in scenarios)
    if selection.defences:
        scenarios = _defended(scenarios, selection.defences, catalogue)
    if selection.pool is not None:
        scenarios = _with_pool(suite.name, scenarios, selection.pool)
    if selection.target is not None:
        _check_given(suite.name, scenarios, selection.target)
    changes["name"] = suite.name + _suffix(suite, selection)
    return suite.model_copy(update={**changes, "scenario": scenarios})


def _named(suite: Suite, wanted: Sequence[str]) -> tuple[ScenarioTable, ...]:
    known = [scenario.name for scenario in suite.scenario]
    for name in wanted:
        if name not in known:
            raise UnknownNameError("scenario", name, known, f"suite '{suite.name}'")
    return tuple(scenario for scenario in suite.scenario if not wanted or scenario.name in wanted)


def _suffix(suite: Suite, selection: Selection) -> str:
    parts = []
    if selection.attacks:
        parts.append(f"attacks={'+'.join(sorted(set(selection.attacks)))}")
    if selection.defences:
        parts.append(f"defences={'+'.join(sorted(set(selection.defences)))}")
    if selection.budgets:
        parts.append(f"budgets={'+'.join(map(str, selection.budgets))}")
    if selection.images is not None:
        parts.append(f"images={selection.images}")
    if selection.precision and any(scenario.precision != selection.precision for scenario in suite.scenario):
        parts.append(f"precision={selection.precision}")
    if selection.target is not None:
        parts.append(f"target={selection.target.name}")
    if selection.pool is not None:
        parts.append(f"pool={selection.pool}")
    return f"[{','.join(parts)}]" if parts else ""


def _defended(
    scenarios: tuple[ScenarioTable, ...], wanted: Sequence[str], catalogue: Catalogue
) -> tuple[ScenarioTable, ...]:
    """Return each scenario before each of the defences, its name says which; those of the suite are left out."""
    for text in wanted:
        if text != BARE:
            catalogue.get("defence", Spec.parse(text, "--defence").name, "--defence")
    own = {scenario.name: scenario for scenario in scenarios if scenario.defence is None}
    if not own:
        raise SuiteError("every scenario here has a defence of its own, so --defence has none to stand before")
    return tuple(
        scenario if text == BARE else scenario.model_copy(update={"name": f"{name}, {text}", "defence": text})
        for name, scenario in own.items()
        for text in dict.fromkeys(wanted)
    )


def _with_pool(suite: str, scenarios: tuple[ScenarioTable, ...], pool: str) -> tuple[ScenarioTable, ...]:
    """Have the attacker's images come from another data set.

    Raises:
        SuiteError: no scenario has a pool.
    """
    if not any(scenario.pool for scenario in scenarios):
        raise SuiteError(f"suite '{suite}': no scenario here gives attackers images, so --pool has none to replace")
    other = {"dataset": pool, "disjoint": False}
    return tuple(s.model_copy(update={"pool": s.pool and s.pool.model_copy(update=other)}) for s in scenarios)


def _check_given(suite: str, scenarios: tuple[ScenarioTable, ...], target: Gift) -> None:
    for scenario in scenarios:
        if scenario.pool is not None and scenario.pool.disjoint:
            raise SuiteError(
                f"suite '{suite}', scenario '{scenario.name}' plays with images that its target never saw; of target "
                f"'{target.name}', which is given, nobody knows: name such images with --pool"
            )


def _with_images(suite: str, scenarios: tuple[ScenarioTable, ...], images: int) -> tuple[ScenarioTable, ...]:
    if not any(scenario.attacks or scenario.searches for scenario in scenarios):
        raise SuiteError(f"suite '{suite}' makes no adversarial examples, so 'images' has nothing to change")
    return tuple(_attacking(s, images) for s in scenarios)


def _attacking(scenario: ScenarioTable, images: int) -> ScenarioTable:
    if scenario.searches:
        return scenario.model_copy(update={"images": images})
    attacks = tuple(attack.model_copy(update={"images": images}) for attack in scenario.attacks)
    return scenario.model_copy(update={"attacks": attacks})


def _with_methods(
    suite: str, scenarios: tuple[ScenarioTable, ...], wanted: Sequence[str], catalogue: Catalogue
) -> tuple[ScenarioTable, ...]:
    chosen: dict[str, list[MethodEntry]] = {scenario.name: [] for scenario in scenarios}
    for text in wanted:
        for scenario, entry in _meant(suite, scenarios, text, catalogue):
            chosen[scenario].append(entry)
    kept = [s.model_copy(update={"methods": _once(chosen[s.name])}) for s in scenarios if chosen[s.name]]
    return tuple(kept)


def _with_trainers(
    suite: str,
    scenarios: tuple[ScenarioTable, ...],
    wanted: Sequence[str],
    catalogue: Catalogue,
    method: str = "",
) -> tuple[ScenarioTable, ...]:
    """Pair every method that has its substitutes made with each of the trainers; others are left out.

    Raises:
        SuiteError: none is left; ``method`` is what the user calls the only one.
    """
    where = "--method" if method else "--trainer"
    for text in wanted:
        catalogue.get("trainer", Spec.parse(text, where).name, where)
    catalogue.prepare([(METHOD, entry.use) for scenario in scenarios for entry in scenario.methods])
    paired = [(scenario, _pairs(scenario, wanted, catalogue)) for scenario in scenarios]
    kept = tuple(scenario.model_copy(update={"methods": pairs}) for scenario, pairs in paired if pairs)
    if not kept:
        if method:
            sentence = f"'{shown(method)}' has no substitutes made by a trainer, so none can be paired with it"
        else:
            sentence = "no method here has its substitutes made by a trainer, so --trainer has none to pair"
        raise SuiteError(f"suite '{suite}': {sentence}")
    return kept


def _pairs(scenario: ScenarioTable, wanted: Sequence[str], catalogue: Catalogue) -> tuple[MethodEntry, ...]:
    """Return each method with each trainer, once. A pair that the suite lists is that entry; others keep a method's label."""
    where = f"scenario '{scenario.name}'"

    def spec(kind: str, text: str) -> str:
        return catalogue.resolve(kind, text, where).spec

    entries = [entry for entry in scenario.methods if catalogue.resolve(METHOD, entry.use, where).trains]
    listed = {(spec(METHOD, e.use), spec("trainer", e.trainer or scenario.trainer)): e for e in entries}
    pairs: dict[tuple[str, str], MethodEntry] = {}
    for entry in entries:
        for trainer in wanted:
            pair = spec(METHOD, entry.use), spec("trainer", trainer)
            label = f"{entry.label} + {pair[1]}" if entry.label and not entry.trainer else ""
            new = entry.model_copy(update={"trainer": trainer, "label": label})
            pairs.setdefault(pair, listed.get(pair, new))
    return tuple(pairs.values())


def _once(entries: list[MethodEntry]) -> tuple[MethodEntry, ...]:
    return tuple(dict.fromkeys(entries))


def _meant(
    suite: str, scenarios: tuple[ScenarioTable, ...], text: str, catalogue: Catalogue
) -> list[tuple[str, MethodEntry]]:
    """Return the methods that a text means, with their scenarios: the suite's, else any method, or pair with a trainer.

    Raises:
        BenchboxError: there is none of that name, or none that plays in a scenario here.
    """
    rows = [(scenario.name, entry) for scenario in scenarios for entry in scenario.methods]
    exact = [(scenario, entry) for scenario, entry in rows if text in (entry.written, entry.use)]
    if exact:
        return exact
    method, *trainers = _parts(text)
    if len(trainers) > 1:
        raise OptionError(f"'{shown(text)}' in --method names {len(trainers)} trainers; a pair is METHOD + TRAINER")
    if trainers:
        methods = _with_methods(suite, scenarios, [method], catalogue)
        paired = _with_trainers(suite, methods, trainers, catalogue, method)
        return [(scenario.name, entry) for scenario in paired for entry in scenario.methods]
    if alike := _alike(rows, text, catalogue):
        return alike
    kind = catalogue.method(Spec.parse(text, "--method").name, "--method").kind
    found = [(scenario.name, MethodEntry(use=text)) for scenario in scenarios if scenario.plays == kind]
    if not found:
        raise SuiteError(f"suite '{suite}' has no scenario for {kind}s, so '{shown(text)}' cannot play in it")
    return found


def _parts(text: str) -> list[str]:
    """Return what stands between the pluses of a pair, as tables write it; those in brackets are an option's."""
    parts = [""]
    for piece in re.split(r"(\+)", text):
        opened = parts[-1].count("[") > parts[-1].count("]")
        if piece == "+" and not opened:
            parts.append("")
        else:
            parts[-1] += piece
    return [part.strip() for part in parts]


def _alike(rows: list[tuple[str, MethodEntry]], text: str, catalogue: Catalogue) -> list[tuple[str, MethodEntry]]:
    """Return the rows that a text means though it is written otherwise: by name, or by the same options."""
    labels = [entry.label for _, entry in rows if entry.label]
    spec = Spec.parse(text, "--method")
    try:
        catalogue.method(spec.name, "--method", labels)
    except UnknownNameError as error:
        raise with_label(error, catalogue) from None
    named = [(scenario, entry) for scenario, entry in rows if Spec.parse(entry.use).name == spec.name]
    if text == spec.name:
        return named
    catalogue.prepare([(METHOD, text), *((METHOD, entry.use) for _, entry in named)])
    wanted = catalogue.resolve(METHOD, text, "--method").spec
    return [(s, entry) for s, entry in named if catalogue.resolve(METHOD, entry.use, "--method").spec == wanted]


def _attacks(scenario: ScenarioTable, wanted: Sequence[str], catalogue: Catalogue) -> tuple[SuiteAttack, ...]:
    chosen: list[SuiteAttack] = []
    for text in wanted:
        spec = Spec.parse(text, "--attack")
        catalogue.get("attack", spec.name, "--attack")
        same = [attack for attack in scenario.attacks if text in (attack.use, Spec.parse(attack.use).name)]
        chosen += same or [SuiteAttack(use=text)]
    return tuple(dict.fromkeys(chosen))
