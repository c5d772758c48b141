"""Laying the table: data, target and attacks of a cell, loaded and checked against what was planned."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from benchbox.contracts import Dataset, Defence, Pool
from benchbox.errors import DataError, PluginError
from benchbox.images.images import ImageSet, checked, load_images
from benchbox.images.kept import read_kept
from benchbox.images.pool import pool_rows
from benchbox.images.row_tensor import as_tensor
from benchbox.match.lineup import create, network
from benchbox.match.owner import prepared
from benchbox.match.parts import Parts, SearchTask
from benchbox.match.players.brief import Ready
from benchbox.place import Place
from benchbox.scoring.attacking import AttackTask
from benchbox.scoring.distances import check_stated, halfway
from benchbox.seeds import stream_seed
from benchbox.suites.cell import AttackPlan, PluginRef, SearchPlan
from benchbox.suites.setting import Setting
from benchbox.target.insider import TargetInsider
from benchbox.target.loading import read_verified
from benchbox.target.opening import open_target


def lay(setting: Setting, place: Place, device: torch.device) -> Parts:
    """Return the parts of a cell's game.

    Raises:
        BenchboxError: data, target or plugin are not what the cell says.
    """
    rules, seed = setting.cell.scenario, setting.cell.seed
    images = _load(setting.dataset, rules.dataset, rules.dataset_hash, place)
    shape, classes = images.shape, images.classes
    build = None if setting.target_model is None else partial(network, setting.target_model, shape, classes)
    target = open_target(setting.target, build, device)
    test = (as_tensor(images.test, device), torch.from_numpy(images.test.labels).to(device))
    return Parts(
        contestant=setting.cell.method,
        trainer=setting.cell.trainer,
        model=rules.substitute,
        build=partial(network, rules.substitute, shape, classes),
        access=rules.access,
        budgets=rules.budgets,
        precision=rules.precision,
        seed=seed,
        shape=shape,
        classes=classes,
        device=device,
        answer=target.answer,
        insider=TargetInsider(target.network, device) if rules.insider else None,
        pool=_pool(setting, place, images, device),
        uses=frozenset(setting.cell.uses),
        public=_public(setting, place),
        test=test,
        attacks=[_task(plan, test, seed) for plan in rules.attacks],
        search=None if rules.search is None else _search(rules.search, setting, test[1]),
        defence=None if rules.defence is None else _defence(rules.defence, images, device, seed),
        block_ends=rules.blocked == "ends",
    )


def _defence(ref: PluginRef, images: ImageSet, device: torch.device, seed: int) -> Defence:
    return prepared(ref, images.train, images.classes, device, seed)


def _load(ref: PluginRef, name: str, digest: str, place: Place) -> ImageSet:
    if digest in place.kept:
        images = checked(read_kept(place.kept[digest]), name)
    else:
        dataset = create(ref)
        assert isinstance(dataset, Dataset)
        images = load_images(dataset, name, place.data_dir, download=place.download)
    if images.digest != digest:
        raise DataError(
            f"data set '{name}' has the hash {images.digest[:16]}, the cell was planned with {digest[:16]}: it changed"
        )
    return images


def _pool(setting: Setting, place: Place, images: ImageSet, device: torch.device) -> Pool | None:
    rule = setting.cell.scenario.pool
    if rule is None:
        return None
    if setting.pool is not None and rule.dataset is not None:
        images = _load(setting.pool, rule.dataset, setting.cell.scenario.pool_hash or "", place)
    train, rows = images.train, None
    if rule.size is not None:
        where = f"the pool of '{images.name}'"
        rows = pool_rows(rule.size, len(train), draw=setting.cell.scenario.pool_draw, where=where)
    labels = train.labels if rows is None else train.labels[rows]
    return Pool(as_tensor(train, device, rows), torch.from_numpy(labels).to(device))


def _public(setting: Setting, place: Place) -> Tensor | None:
    rules = setting.cell.scenario
    if setting.public is None or rules.public is None:
        return None
    images = _load(setting.public, rules.public, rules.public_hash or "", place)
    return as_tensor(images.train, torch.device("cpu"))


def _search(plan: SearchPlan, setting: Setting, labels: Tensor) -> SearchTask:
    named = zip(setting.cell.surrogates, setting.surrogates, strict=True)
    surrogates = tuple(Ready(each.model, read_verified(record)) for each, record in named)
    return SearchTask(plan.goal, _attacked(plan.images, labels, setting.cell.seed), plan.threat, plan.prior, surrogates)


def _attacked(images: int | None, labels: Tensor, seed: int) -> Tensor:
    """Return the rows of the test images that are attacked, the same for every attack under one seed."""
    draw = torch.Generator().manual_seed(stream_seed(seed, "attacked images"))
    return torch.randperm(len(labels), generator=draw)[: images or len(labels)].sort().values.to(labels.device)


def _task(plan: AttackPlan, test: tuple[Tensor, Tensor], seed: int) -> AttackTask:
    rows = _attacked(plan.images, test[1], seed)
    threat = plan.threat or plan.stated
    if threat is None:
        raise PluginError(f"{plan.attack.who} states no threat: the norm and radius that its examples stay within")
    if plan.threat is None and not plan.attack.builtin:
        check_stated(plan.attack.who, threat, halfway(*test, threat.norm))
    return AttackTask(
        contestant=plan.attack,
        who=plan.attack.who,
        label=plan.label,
        goal=plan.goal,
        success=plan.success,
        at=plan.at,
        rows=rows,
        seed=stream_seed(seed, f"attack/{plan.label}"),
        threat=threat,
    )
