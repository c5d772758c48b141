"""What every built-in method and attack is held to: a tiny game each, and the numbers that come out of it."""

from __future__ import annotations

import json
import platform
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from benchbox_plugins import attacks, defences, generators, query_attacks, selectors, trainers
from golden_game import GoldenGame, GoldenSearch, digest, digits, fitted
from torch import Tensor

from benchbox.contracts import (
    Access,
    Attack,
    Defence,
    Generator,
    Grant,
    Lazy,
    QueryAttack,
    Selector,
    Shape,
    Threat,
    Trainer,
)
from benchbox.images.rows import ArrayImages
from benchbox.match.owner import TargetOwner

FILE = Path(__file__).with_name("golden.json")
ROWS = {
    (row.kind, row.name): row
    for room in (selectors, generators, query_attacks, trainers, attacks, defences)
    for row in room.PLUGINS
    if row.name != "torchattacks"  # needs a package that is not installed with benchbox
}

Numbers = dict[str, list[float]]
"""What a case comes to: lists of numbers by name. Those named ``rows`` and ``queries`` are whole numbers."""


@dataclass(frozen=True)
class Case:
    """One plugin with options, in one small game.

    Attributes:
        access, budgets, shape: the game's.
        norm: of a query attack's threat.
        networks: how many substitutes it is given.
        tolerance: how far lists of numbers may lie apart on another kind of machine, as a share of their length.
    """

    kind: str
    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    access: str = "label"
    budgets: tuple[int, ...] = (40, 120)
    shape: Shape = (1, 8, 8)
    tolerance: float = 0.02
    norm: str = "inf"
    networks: int = 1

    @property
    def id(self) -> str:
        """The key in the file."""
        options = ",".join(f"{key}={value}" for key, value in self.options.items())
        more = " L2" * (self.norm == "2") + f" of {self.networks}" * (self.networks > 1)
        return f"{self.kind} {self.name}[{options}] {self.access}{more}"

    @property
    def row(self) -> Lazy:
        """The plugin's row in its folder's list."""
        return ROWS[self.kind, self.name]

    def plugin(self, **changed: Any) -> Any:
        """Return the plugin, with some options changed."""
        module, _, name = self.row.target.partition(":")
        cls = getattr(import_module(module), name)
        profile = cls.profiles.get(self.options.get("profile"), {})
        given = {key: value for key, value in self.options.items() if key != "profile"}
        return cls(cls.Options.model_validate({**profile, **given, **changed}))


def _selector(name: str, **options: Any) -> Case:
    return Case("selector", name, options, access="probabilities", budgets=(40,))


def _searching(name: str, access: str = "probabilities", norm: str = "inf", networks: int = 1, **options: Any) -> Case:
    return Case("query-attack", name, options, access, (120,), norm=norm, networks=networks)


CASES = (
    _selector("random"),
    _selector("random-stratified"),
    _selector("drmi"),
    _selector("drmi", search="min-max-pair", stratify="label"),
    _selector("drmi", search="min-max-sum", alpha=2, bins=16, stratify="cluster"),
    _selector("drmi", normalise="sqrt-entropy", start="random", swaps=5),
    _selector("drmi", profile="facility"),
    _selector("cmal"),
    _selector("cmal", rule="decorrelate"),
    _selector("cpb"),
    _selector("cpb", rule="hcp", answers="granted", per_class=True),
    _selector("cpb", rule="lcp", answers="granted"),
    _selector("cpb", rule="pca-kmeans", space="pixel"),
    _selector("trace"),
    _selector("trace", rule="k-centre", neurons="target"),
    _selector("trace", rule="most-active"),
    _selector("k-centre"),
    _selector("k-centre", space="substitute"),
    _selector("k-centre", space="encoder"),
    _selector("medoids"),
    _selector("uncertainty"),
    _selector("uncertainty", measure="margin"),
    _selector("activethief", rate=0.01, patience=3, epochs=6),
    _selector("activethief", strategy="uncertainty", rate=0.01, patience=3, epochs=6),
    _selector("activethief", strategy="adversarial+k-centre", rate=0.01, patience=3, epochs=6, steps=3),
    Case("generator", "mega", {"width": 4, "z": 8, "networks": 3, "lr_g": 3e-2}),
    Case("generator", "mega", {"width": 4, "z": 8, "networks": 3, "lr_g": 3e-2}, access="probabilities"),
    Case("generator", "mega", {"profile": "authors", "epochs": 3}, budgets=(20, 60), shape=(1, 28, 28)),
    Case("generator", "mega", {"width": 4, "z": 8, "networks": 3, "lr_g": 3e-2, "plan": "anytime", "horizon": 30}),
    Case("generator", "noise", {"epochs": 2, "renew": 30}),
    Case("generator", "noise", {"kind": "smooth", "epochs": 2}),
    Case("generator", "noise", {"kind": "lines", "grain": 3, "epochs": 2}),
    Case("generator", "noise", {"kind": "gaussian", "cap": 0, "epochs": 2}),
    Case("generator", "mend", {"profile": "averaging"}, access="probabilities"),
    Case("generator", "mend", {"profile": "smoothing"}),
    Case("generator", "mend", {"profile": "label-only"}, access="probabilities"),
    Case("generator", "dast", {"width": 4, "batch": 40, "lr_s": 3e-3, "lr_g": 5e-2}, access="probabilities"),
    Case("generator", "dast", {"width": 4, "batch": 40, "lr_s": 3e-3, "lr_g": 5e-2}),
    Case("generator", "dfme", {"width": 4, "batch": 8, "z": 8, "lr_g": 1e-2, "step": 0.1}, "probabilities", (56, 168)),
    Case(
        "generator",
        "dfme",
        {"width": 4, "batch": 8, "z": 8, "lr_g": 1e-2, "step": 0.1, "profile": "cifar10"},
        "probabilities",
        (168,),
    ),
    Case("generator", "maze", {"width": 4, "batch": 8, "z": 8, "lr_g": 1e-2, "step": 0.1}, "probabilities", (120, 360)),
    Case("generator", "ideal", {"width": 4, "z": 8, "batch": 20, "steps": 3, "lr_g": 1e-2}),
    Case("generator", "ideal", {"width": 4, "z": 8, "batch": 20, "steps": 3, "lr_g": 1e-2, "profile": "authors"}),
    Case("generator", "qedg", {"width": 4, "z": 8, "batch": 20, "steps": 3, "lr_g": 1e-2, "epochs": 2, "last": 1}),
    Case("generator", "disguide", {"width": 4, "z": 8, "batch": 20, "lr_g": 1e-2}),
    Case("generator", "disguide", {"width": 4, "z": 8, "batch": 20, "lr_g": 1e-2}, access="probabilities"),
    Case("generator", "sieve", {"size": 20, "grain": 3, "epochs": 2, "mean": 0.1}),
    Case("generator", "jbda", {"seeds": 30, "epochs": 3}),
    Case("generator", "prada", {"seeds": 30, "epochs": 3}),
    Case("generator", "knockoff", {"epochs": 3, "lr": 0.05}),
    Case("generator", "knockoff", {"profile": "authors", "epochs": 4, "lr_step": 3, "lr": 0.05}),
    Case("generator", "copycat", {"epochs": 3}),
    Case("generator", "swiftthief", {"steps": 1, "batch": 16, "answered": 16, "width": 8, "epochs": 2}),
    _searching("square"),
    _searching("square", norm="2"),
    _searching("nes"),
    _searching("nes", norm="2", momentum=0.5),
    _searching("nes", access="label", labels=True, probes=4, copies=2),
    _searching("ge", group=4),
    _searching("ge", pca=10, steps=4),
    _searching("autozoom"),
    _searching("autozoom", decoder="auto-encoder"),
    _searching("rgf", probes=10),
    _searching("p-rgf", probes=5),
    _searching("p-rgf", norm="2", probes=5),
    _searching("simba"),
    _searching("simba", norm="2", basis="dct", frequencies=6),
    _searching("simba-ods"),
    _searching("gfcs", norm="2"),
    _searching("hybrid", local_steps=3),
    _searching("gfcs", networks=3),
    _searching("simba-ods", networks=3),
    _searching("p-rgf", networks=3, probes=5),
    _searching("bases", networks=3, local_steps=2),
    _searching("bases", networks=2, norm="2", step=0.5),
    _searching("transfer", access="label", local_steps=3),
    _searching("hopskipjump", access="label", probes=20),
    _searching("hopskipjump", access="label", norm="2", probes=20),
    _searching("geoda", access="label", first=20, frequencies=5),
    _searching("signopt", access="label", norm="2", probes=20),
    Case("trainer", "standard", {"updates": 60}),
    Case("trainer", "standard", {"schedule": "drmi-paper"}, access="probabilities"),
    Case("trainer", "poisson", {"rounds": 2, "epochs": 1, "augment": "none"}, tolerance=0.2),
    Case("trainer", "fixmatch", {"updates": 20, "batch": 8, "augment": "none", "sure": 0.3}, tolerance=0.2),
    Case("trainer", "mixmatch", {"updates": 20, "batch": 8, "augment": "none"}, tolerance=0.2),
    Case("trainer", "distil", {"updates": 20, "batch": 8, "augment": "affine"}),
    Case("trainer", "distil", {"updates": 20, "batch": 8, "augment": "shift"}),
    Case("attack", "fgsm"),
    Case("attack", "fgsm", {"norm": "2", "eps": 1.5}),
    Case("attack", "bim"),
    Case("attack", "bim", {"eps": 0.05}),
    Case("attack", "bim", {"profile": "mega-mnist-converged", "steps": 10}),
    Case("attack", "pgd"),
    Case("attack", "pgd", {"norm": "2", "eps": 1.5, "step": 0.3}),
    Case("attack", "pgd", {"profile": "drmi-targeted", "steps": 5}),
    Case("attack", "mi-fgsm"),
    Case("attack", "ni-fgsm"),
    Case("attack", "si-fgsm"),
    Case("attack", "ti-fgsm"),
    Case("attack", "di-fgsm"),
    Case("attack", "vmi-fgsm", {"neighbours": 3}),
    Case("attack", "apgd", {"steps": 20}),
    Case("attack", "apgd", {"steps": 20, "loss": "dlr"}),
    Case("attack", "cw", {"steps": 20, "weights": 2, "eps": 0.5}),
    Case("attack", "deepfool", {"steps": 10, "eps": 0.1}),
    Case("attack", "art", {"attack": "DeepFool", "norm": "2", "eps": 0.1, "steps": 10}),
    Case("defence", "rounding"),
    Case("defence", "top-k", {"k": 3}),
    Case("defence", "gaussian"),
    Case("defence", "gaussian", {"repeats": True}),
    Case("defence", "reverse-sigmoid"),
    Case("defence", "reverse-sigmoid", {"profile": "art"}),
    Case("defence", "mad"),
    Case("defence", "mad", {"keeps_label": False}),
    Case("defence", "misinformation", {"epochs": 1}),
    Case("defence", "modelguard-w"),
    Case("defence", "modelguard-s"),
    Case("defence", "prada-detector"),
    Case("defence", "blacklight"),
    Case("defence", "neighbours", {"k": 5, "epochs": 1}),
)


def play(case: Case, **changed: Any) -> Numbers:
    """Play a case, on one thread, and return its numbers; ``changed`` options show what the numbers would miss."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return _PLAYS[case.kind](case, case.plugin(**changed))
    finally:
        torch.set_num_threads(threads)


def _chosen(case: Case, selector: Selector) -> Numbers:
    game = GoldenGame(Access(case.access), case.budgets)
    rows = selector.select(game, selector.choice_size(case.budgets[-1]))
    return {"rows": rows.tolist(), "queries": [*game.oracle.phases.values()]}


def _generated(case: Case, generator: Generator) -> Numbers:
    game = GoldenGame(Access(case.access), case.budgets, case.shape)
    generator.setup(game)
    while game.oracle.remaining and generator.round(game):
        pass
    images = digits()[0][:8] if game.pool else torch.rand(8, *case.shape, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        logits = generator.substitute.eval()(images)
    fresh = game.new_substitute()(images).detach()
    return {
        "queries": [*game.oracle.phases.values()],
        "asked": game.oracle.asked,
        "learnt": _listed(logits - fresh),  # what training added: the rest would hide a change of it
    }


def _searched(case: Case, attack: QueryAttack) -> Numbers:
    images, labels = (part[:12] for part in digits())
    numbers: Numbers = {}
    for goal in ("untargeted", "targeted") if attack.targeted else ("untargeted",):
        goals = (labels + 1) % 10 if goal == "targeted" else None
        threat = Threat("inf", 0.1) if case.norm == "inf" else Threat("2", 0.6)
        game = GoldenSearch(Access(case.access), case.budgets[-1], threat, images, labels, goals, case.networks)
        attack.applicable(game)
        attack.search(game, images.clone(), labels.clone())
        # elsewhere, rounding decides sooner or later when an example is solved, and who is asked from then on
        numbers[f"{goal} asked"] = game.asked[:6]
    return numbers


def _trained(case: Case, trainer: Trainer) -> Numbers:
    game = GoldenGame(Access(case.access), case.budgets)
    images, classes = (part[: case.budgets[-1]] for part in digits())
    answers = fitted()(images).softmax(1).detach() if case.access == "probabilities" else classes
    torch.manual_seed(3)
    with torch.no_grad():
        fresh = game.new_substitute()(digits()[0][-8:])
    if Grant.UNLABELLED in trainer.wants():
        game.prepared = dict(trainer.prepare(game))
    network = trainer.fit(game, game.new_substitute(), images, answers).eval()
    with torch.no_grad():
        return {"learnt": _listed(network(digits()[0][-8:]) - fresh)}


def _attacked(case: Case, attack: Attack) -> Numbers:
    images, labels = (part[:16] for part in digits())
    numbers: Numbers = {}
    for goal in ("untargeted", "targeted")[: 1 + attack.targeted]:
        random.seed(3)
        np.random.seed(3)
        torch.manual_seed(3)
        aim = labels if goal == "untargeted" else (labels + 1) % 10
        made = attack.perturb(fitted(), images, aim, classes=10, targeted=goal == "targeted")
        numbers[goal] = [digest(moved) for moved in made - images]
    return numbers


def _told(case: Case, defence: Defence) -> Numbers:
    images, labels = digits()
    rng = torch.Generator().manual_seed(5)
    torch.manual_seed(3)
    known = ArrayImages(images[120:].numpy(), labels[120:].numpy())
    defence.prepare(TargetOwner((1, 8, 8), 10, torch.device("cpu"), rng, known))
    # natural images first, then one again and again, a little changed
    asked = torch.cat([images[:120], images[:1] + 0.002 * torch.arange(40).view(-1, 1, 1, 1) / 40]).clamp(0, 1)
    told = defence.answer(asked, fitted()(asked).softmax(1).detach(), rng)
    alarms = [] if told.alarms is None else told.alarms.nonzero()[:, 0].tolist()
    return {"told": _listed(told.probabilities[:12]), "rows": alarms}


def _listed(values: Tensor) -> list[float]:
    return [float(value) for value in values.double().flatten()]


_PLAYS: Mapping[str, Any] = {
    "selector": _chosen,
    "generator": _generated,
    "query-attack": _searched,
    "trainer": _trained,
    "attack": _attacked,
    "defence": _told,
}


def environment() -> dict[str, str]:
    """Return what the last bit of a number depends on."""
    cpuinfo = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    named = re.search(r"model name\s*:\s*(.+)", cpuinfo)
    return {
        "processor": f"{named[1] if named else platform.processor()}, {torch.backends.cpu.get_cpu_capability()}",
        **{
            name: version(name)
            for name in ("torch", "numpy", "scikit-learn", "adversarial-robustness-toolbox", "numba")
        },
    }


def recorded() -> dict[str, Any]:
    """Return the file's content; an empty record where there is none yet."""
    return dict(json.loads(FILE.read_text(encoding="utf-8"))) if FILE.exists() else {"environment": {}, "values": {}}
