"""A small suite, and where its data sets and targets come from: plans without training anything."""

from __future__ import annotations

import hashlib
from pathlib import Path

from benchbox.errors import NotApplicable
from benchbox.images.facts import ImageFacts
from benchbox.suites import Planned, Selection
from benchbox.target.recipe import Recipe
from benchbox.target.zoo import TargetRecord, TargetSpec

SUITE = """
title = "Mine"
datasets = ["digits"]
seeds = 2

[[scenario]]
name = "real data"
plays = "selector"
target = { model = "lenet5" }
substitute = "lenet5"
access = "label"
pool = {}
budgets = [10, 20]
methods = ["random", { use = "drmi[alpha=1]", label = "flat" }]
attacks = [{ use = "pgd" }]

[[scenario]]
name = "no data"
plays = "generator"
target = { model = "conv4" }
substitute = "conv3"
access = "label"
budgets = [100]
methods = ["mega"]
"""
EVERYTHING = Selection()


class FakeSources:
    """Sixty images, and a target whose weights hash as told."""

    def __init__(
        self, *, digest: str = "d" * 64, target: str = "a" * 64, trained: bool = True, refused: str = ""
    ) -> None:
        self.digest, self.sha, self.trained, self.refused = digest, target, trained, refused

    def images(self, dataset: str) -> ImageFacts:
        return ImageFacts(name=dataset, digest=self.digest, shape=(1, 28, 28), classes=10, n_train=60, n_test=20)

    def target(self, spec: TargetSpec) -> TargetRecord | None:
        if spec.model == self.refused:
            raise NotApplicable(f"model '{spec.model}' takes none of these")
        if not self.trained:
            return None
        return TargetRecord(
            name=spec.name,
            dataset=spec.dataset,
            dataset_hash=self.digest,
            model=spec.model,
            model_version=1,
            recipe_name=spec.recipe,
            recipe=Recipe(epochs=1),
            seed=spec.seed,
            holdout=spec.holdout,
            sha256=self.sha,
            accuracy=0.9,
            n_test=20,
            classes=10,
            shape=(1, 28, 28),
            path=Path("x.safetensors"),
        )


class Zoo(FakeSources):
    """Every target has weights of its own."""

    def target(self, spec: TargetSpec) -> TargetRecord | None:
        record = super().target(spec)
        return record and record.model_copy(update={"sha256": hashlib.sha256(spec.name.encode()).hexdigest()})


def ids(cells: list[Planned]) -> list[str]:
    return [p.cell.id for p in cells if p.cell is not None]
