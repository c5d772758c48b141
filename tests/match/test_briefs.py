"""What players are told: of what a scenario grants, that which the line-up uses, and nothing else crosses."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pytest
import torch

from benchbox.contracts import Grant
from benchbox.contracts.threat import Threat
from benchbox.match.players.players import Here
from benchbox.match.table import Table
from benchbox.records import CellResult, Status
from benchbox.scoring.attacking import Assault, AttackTask
from benchbox.suites.cell import PluginRef
from benchbox.testing.arena import House, toy_parts
from benchbox.testing.keeper import Keeper
from benchbox.testing.toys import CLASSES, RADII, QuickTrainer, dense

METHOD = PluginRef(kind="selector", name="mine", version=1, spec="mine", options={})


class Asks(QuickTrainer):
    """Uses none of the pool's images but those that it is given answers to."""

    def wants(self) -> Collection[Grant]:
        return ()


def table(*uses: Grant) -> Table:
    parts = toy_parts(House(uses=uses), METHOD, Asks())
    return Table(parts, Here(lambda ref: Asks(), parts.build), Keeper(), CellResult("toy", Status.DONE))


def test_labels_cross_where_they_are_used_and_nowhere_else() -> None:
    bare, granted = table(), table(Grant.LABELS)
    assert bare.brief(60).labels is None
    assert bare.parts.pool is not None
    assert torch.equal(granted.brief(60).labels, bare.parts.pool.labels)  # type: ignore[arg-type]


def test_a_trainer_has_images_beside_its_lessons_where_unlabelled_ones_are_used() -> None:
    bare, granted = table(), table(Grant.UNLABELLED)
    assert (bare.lessons(60).pool, bare.lessons(60).unlabelled) == (None, False)
    assert bare.parts.pool is not None
    assert torch.equal(granted.lessons(60).pool, bare.parts.pool.images)  # type: ignore[arg-type]
    assert granted.lessons(60).unlabelled


@pytest.mark.parametrize("uses", [(), (Grant.INSIDER,)])
def test_the_insiders_view_is_told_to_the_method_it_is_granted_to_and_to_no_trainer(uses: tuple[Grant, ...]) -> None:
    here = table(*uses)
    assert here.brief(60).insider == bool(uses)
    assert not here.lessons(60).insider


def test_an_attack_computes_in_float32_and_is_told_nothing_of_the_pool() -> None:
    here = table(Grant.LABELS, Grant.UNLABELLED, Grant.INSIDER)
    here.parts = replace(here.parts, precision="bf16")
    briefs = []
    here.players.play = lambda brief, desk: briefs.append(brief)  # type: ignore[method-assign, assignment]
    attack = PluginRef(kind="attack", name="hit", version=1, spec="hit", options={})
    threat = Threat("inf", RADII["inf"])
    task = AttackTask(attack, "attack 'hit'", "hit", "untargeted", (), "last", torch.arange(4), 7, threat)
    images, labels = here.parts.test
    network = dense(16)
    said = labels.numpy()
    here._assail(task, network, Assault(task, network, CLASSES, images, labels, said, lambda asked: said[:4]))
    (brief,) = briefs
    assert (brief.precision, brief.stream, brief.budget) == ("float32", 7, 0)
    assert (brief.pool, brief.labels, brief.public, brief.insider, brief.unlabelled) == (None, None, None, False, False)
