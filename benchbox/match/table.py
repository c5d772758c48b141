"""The table at which a cell is played: target, pool and test images on the core's side, the game on the method's."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import torch
from torch import Tensor

from benchbox.contracts import Access, Attack, Dataset, Game, Generator, Method, Model, Pool
from benchbox.devices import choose_device, computing
from benchbox.errors import DataError
from benchbox.images.images import Images, as_float, load_images
from benchbox.images.pool import pool_rows
from benchbox.match.environment import describe
from benchbox.match.game import LiveGame, Notes, TargetInsider
from benchbox.match.play import Play
from benchbox.match.scratch import Scratch
from benchbox.place import Place
from benchbox.records import CellResult
from benchbox.registry import Registry, Spec
from benchbox.scoring.attacking import AttackTask, reseed
from benchbox.scoring.scorer import Scorer
from benchbox.seeds import stream_seed
from benchbox.suites.cell import AttackPlan, Cell, PluginRef
from benchbox.target.answer import Answerer
from benchbox.target.meter import MeteredOracle
from benchbox.target.network import build_network
from benchbox.target.zoo import Zoo

_UNLIMITED = 2**62


class Table:
    """Lays out one cell and plays it into ``result``."""

    def __init__(self, cell: Cell, place: Place, registry: Registry, result: CellResult) -> None:
        self._cell, self._place, self._registry, self._result = cell, place, registry, result
        self._rules = cell.scenario

    def play(self) -> None:
        """Load everything, let the method play, score what it offers.

        Raises:
            NotApplicable: the method cannot play under these rules.
            BenchboxError: data, target or plugin are not what the cell says.
        """
        with self._clock("load"):
            device = choose_device(self._place.device)
            self._result.environment = describe(device)
            self._lay(device)
        method = self._create(self._cell.method)
        assert isinstance(method, Method)
        closed = self._meter(self._rules.budgets[-1])
        closed.close()
        game = self._game(closed)
        game.new_substitute()  # a model that cannot take these images ends the cell here, before a query is paid
        method.applicable(game)
        reseed(stream_seed(self._cell.seed, "global"))
        scratch = Scratch(self._place.scratch, self._cell.id)
        resumable = method if isinstance(method, Generator) else None
        attacker = partial(computing, self._rules.precision, self._device)
        play = Play(self._rules.budgets, self._scorer, self._notes, scratch, self._result, resumable, attacker)

        def game_at(budget: int) -> Game:
            meter = self._meter(budget)
            return play.seat(self._game(meter), meter)

        play.run(method.play(self._rules.budgets, game_at))
        self._result.diagnostics = self._notes.diagnostics
        self._result.pictures = list(self._notes.pictures.values())

    def _lay(self, device: torch.device) -> None:
        rules, seed = self._rules, self._cell.seed
        images = self._load(rules.dataset, rules.dataset_hash)
        self._device, self._shape, self._classes, self._notes = device, images.shape, images.classes, Notes()
        network = Zoo(self._registry, self._place.zoo_dir, self._place.device).load(rules.target.sha256)
        self._answer = Answerer(network, device)
        self._insider = TargetInsider(network, device) if rules.insider else None
        self._pool = self._deal(images)
        self._public = None
        if rules.public is not None:
            self._public = _tensor(self._load(rules.public, rules.public_hash or "").x_train, device)
        test, labels = _tensor(images.x_test, device), torch.from_numpy(images.y_test).to(device)
        tasks = [self._task(plan, len(labels), seed, device) for plan in rules.attacks]
        self._oracle = MeteredOracle(self._answer, Access.LABEL, _UNLIMITED, self._shape, "scoring")
        self._scorer = Scorer(test, labels, self._classes, self._oracle, tasks, rules.budgets[-1])

    def _load(self, name: str, digest: str) -> Images:
        dataset = self._registry.create("dataset", name)
        assert isinstance(dataset, Dataset)
        images = load_images(dataset, name, self._place.data_dir, download=self._place.download)
        if images.digest != digest:
            raise DataError(
                f"data set '{name}' has the hash {images.digest[:16]}, the cell was planned with {digest[:16]}: it changed"
            )
        return images

    def _deal(self, images: Images) -> Pool | None:
        rule = self._rules.pool
        if rule is None:
            return None
        source = images if rule.dataset is None else self._load(rule.dataset, self._rules.pool_hash or "")
        rows = pool_rows(rule.size, len(source.y_train), where=f"the pool of '{source.name}'")
        whole = rule.size is None
        chosen, labels = (source.x_train, source.y_train) if whole else (source.x_train[rows], source.y_train[rows])
        return Pool(_tensor(chosen, self._device), torch.from_numpy(labels).to(self._device))

    def _task(self, plan: AttackPlan, total: int, seed: int, device: torch.device) -> AttackTask:
        attack = self._create(plan.attack)
        assert isinstance(attack, Attack)
        draw = torch.Generator().manual_seed(stream_seed(seed, "attacked images"))
        rows = torch.randperm(total, generator=draw)[: plan.images or total].sort().values
        begin = stream_seed(seed, f"attack/{plan.label}")
        return AttackTask(attack, plan.label, plan.goal, plan.success, plan.at, rows.to(device), begin, plan.threat)

    def _create(self, ref: PluginRef) -> object:
        entry = self._registry.get(ref.kind, ref.name)
        return entry.create(Spec(ref.name, ref.options))

    def _meter(self, budget: int) -> MeteredOracle:
        asker = f"{self._cell.method.kind} '{self._cell.method.name}'"
        return MeteredOracle(self._answer, self._rules.access, budget, self._shape, asker)

    def _game(self, meter: MeteredOracle) -> LiveGame:
        rules, seed = self._rules, self._cell.seed
        model = self._create(rules.substitute)
        assert isinstance(model, Model)
        return LiveGame(
            access=rules.access,
            oracle=meter.sealed(),
            pool=self._pool,
            public=self._public,
            budgets=rules.budgets,
            shape=self._shape,
            classes=self._classes,
            device=self._device,
            rng=torch.Generator().manual_seed(stream_seed(seed, "method")),
            insider=self._insider,
            build=lambda: build_network(model, self._shape, self._classes),
            seed=seed,
            notes=self._notes,
        )

    @contextmanager
    def _clock(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self._result.timings[name] = time.perf_counter() - began


def _tensor(images: object, device: torch.device) -> Tensor:
    return torch.from_numpy(as_float(images)).to(device)  # type: ignore[arg-type]
