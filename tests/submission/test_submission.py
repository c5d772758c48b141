"""An honest submission is accepted; what was edited, chosen, swapped, unsealed or carried along is rejected."""

from __future__ import annotations

import base64
import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import benchbox
from benchbox.cli import main
from benchbox.errors import BenchboxError
from benchbox.isolation.walls import SWITCH
from benchbox.paths import zoo_dir
from benchbox.records import Sealed
from benchbox.store import Address, Store, merge, verified_cells
from benchbox.submission import Verdict, submit, verify

HONEST = '''
"""The selector 'mine'."""

from benchbox.contracts import Selector


class Mine(Selector):
    """Takes images in a random order."""

    name = "mine"
    version = 1

    def select(self, game, k):
        import torch

        return torch.randperm(len(game.pool.images), generator=game.rng)[:k]
'''

CARRIES = '''
"""The generator 'mine'."""

from benchbox.contracts import Generator

MEANS = "{means}"


class Mine(Generator):
    """Asks noise, and offers what it brought along."""

    name = "mine"
    version = 1

    def setup(self, game):
        import base64

        import torch

        means = torch.frombuffer(bytearray(base64.b64decode(MEANS)), dtype=torch.uint8).reshape(-1, *game.shape) / 255
        self.substitute = game.new_substitute()
        optimiser = torch.optim.Adam(self.substitute.parameters(), 2e-3)
        self.substitute.train()
        for _ in range(150):
            rows = torch.randint(len(means), (64,), generator=game.rng)
            images = (means[rows] + 0.25 * torch.randn(64, *game.shape, generator=game.rng)).clamp(0, 1)
            loss = torch.nn.functional.cross_entropy(self.substitute(images), rows % 10)
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
        self.substitute.eval()

    def round(self, game):
        import torch

        spent = game.oracle.spent
        n = min(200, next(point for point in game.budgets if point > spent) - spent)
        game.oracle.query(torch.rand(n, *game.shape, generator=game.rng))
        return True
'''
Pack = Callable[..., Path]


def played(folder: Path, source: str, scenario: str, **options: Any) -> tuple[Path, Path]:
    """Write a plugin and play it in the suite smoke; return its file and the store."""
    plugin, db = folder / "mine.py", folder / "mine.db"
    plugin.write_text(source)
    benchbox.run("smoke", methods="mine", scenarios=scenario, plugins=plugin, db=db, display=False, **options)
    return plugin, db


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The honest plugin's file and the store of its cells."""
    return played(tmp_path_factory.mktemp("honest"), HONEST, "real data")


@pytest.fixture
def packed(honest: tuple[Path, Path], tmp_path: Path) -> Path:
    plugin, db = honest
    submit("smoke", "mine", plugin, db=db, out=tmp_path / "submission")
    return tmp_path / "submission"


def verified(folder: Path, sample: int = 1) -> Verdict:
    return verify(folder, sample=sample, sealed=Sealed.PROCESS, chance=random.Random(5))


def targets() -> set[str]:
    """The weights that verifying left on this machine."""
    return {path.name for path in zoo_dir().glob("*benchbox-verify*")}


def why_not(verdict: Verdict) -> str:
    assert not verdict.accepted
    return next(finding.sentence for finding in verdict.findings if not finding.holds)


def claims(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change what a submission claims."""
    form = json.loads((folder / "submission.json").read_text())
    change(form)
    (folder / "submission.json").write_text(json.dumps(form))


def raised(form: dict[str, Any]) -> None:
    means = form["claims"][0]["means"]
    form["claims"][0]["means"] = {budget: mean + (1 - mean) / 2 for budget, mean in means.items()}


def test_an_honest_one_is_packed_and_accepted_by_the_commands(honest: tuple[Path, Path], tmp_path: Path) -> None:
    plugin, db = honest
    out = tmp_path / "submission"
    arguments = ["submit", "--suite", "smoke", "--method", "mine", "--plugin", plugin, "--db", db, "--out", out]
    told = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert (told.exit_code, f"benchbox verify {out}" in told.stdout) == (0, True), told.output
    assert sorted(path.name for path in out.iterdir()) == ["mine.py", "results.db", "submission.json"]
    ours, before = tmp_path / "ours.db", targets()
    found = CliRunner().invoke(main, ["verify", str(out), "--sample", "1", "--sealed", "process", "--into", str(ours)])
    assert found.exit_code == 0, found.output
    with Store.open(ours, create=False) as store:
        assert verified_cells(store) == set(store.cells(label="mine")["cell"])
    lines = found.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["holds"] * 4 + ["accepted:"]
    assert "on a fresh target" in lines[3]
    assert targets() == before, "the fresh target is gone with the rest"


def test_the_packed_store_holds_its_cells_and_no_others(honest: tuple[Path, Path], tmp_path: Path) -> None:
    plugin, db = honest
    both = tmp_path / "both.db"
    shutil.copy(db, both)
    benchbox.run("smoke", methods="random", scenarios="real data", seeds=1, db=both, display=False)
    with sqlite3.connect(both) as store:
        store.execute("UPDATE cells SET output = ? WHERE sources LIKE '%random%'", ("what else was played\n" * 50_000,))
    submit("smoke", "mine", plugin, db=both, out=tmp_path / "one")
    sent = tmp_path / "one" / "results.db"
    assert sent.stat().st_size < both.stat().st_size - 1_000_000, "deleted, and still there"
    assert set(benchbox.results(db=sent)["label"]) == {"mine"}
    with sqlite3.connect(sent) as store:
        assert store.execute("SELECT name FROM methods").fetchall() == [("mine",)]


def test_claims_that_the_cells_do_not_make_are_rejected(packed: Path) -> None:
    claims(packed, lambda form: form["claims"][0]["means"].update({"150": 0.99}))
    ours = packed.parent / "ours.db"
    verdict = verify(packed, sample=1, sealed=Sealed.PROCESS, chance=random.Random(5), into=ours)
    assert "99.0 % at 150 is claimed, the cells say" in why_not(verdict)
    assert not ours.exists()


def test_a_store_that_keeps_no_marks_is_refused_before_anything_is_looked_at(tmp_path: Path) -> None:
    server = Address.of("postgresql://me@there/results")
    with pytest.raises(
        BenchboxError, match="me@there/results' is on a server; marks are kept in a file beside a store"
    ):
        verify(tmp_path / "not even a submission", into=server)


def test_a_submission_brings_no_mark_of_its_own(packed: Path) -> None:
    (packed / "results.verified.json").write_text("{}")
    with pytest.raises(BenchboxError, match=r"holds 'results\.verified\.json' besides its three files"):
        verified(packed)


def test_numbers_that_were_edited_in_the_store_are_found_by_playing_again(packed: Path) -> None:
    with sqlite3.connect(packed / "results.db") as store:
        store.execute("UPDATE measurements SET value = value + (1 - value) / 2 WHERE value < 1")
    claims(packed, raised)
    verdict = verified(packed)
    assert [finding.holds for finding in verdict.findings] == [True, True, False]
    assert "was sent" in why_not(verdict)


def test_another_source_than_the_cells_were_played_with_is_rejected(packed: Path) -> None:
    (packed / "mine.py").write_text(HONEST.replace("randperm", "arange").replace("generator=game.rng", ""))
    assert why_not(verified(packed)) == "'mine.py' is another source than the submission names"
    swapped = json.loads((packed / "submission.json").read_text())["source"]
    claims(packed, lambda form: form.update(source=swapped[::-1]))
    assert "another source" in why_not(verified(packed))


def test_a_choice_of_seeds_is_rejected(packed: Path) -> None:
    with sqlite3.connect(packed / "results.db") as store:
        store.execute("PRAGMA foreign_keys = ON")
        store.execute("DELETE FROM cells WHERE seed = 0")
    assert "seeds 1 are a choice; the suite's are 0, 1" in why_not(verified(packed))


def test_what_was_played_unsealed_is_not_packed(tmp_path: Path) -> None:
    plugin, db = played(tmp_path, HONEST, "real data", jobs=0, seeds=1)
    with pytest.raises(BenchboxError, match=r"mine in real data on digits, seed 0 was played unsealed \(no\)"):
        submit("smoke", "mine", plugin, db=db, out=tmp_path / "submission")


def test_a_plugin_that_carries_what_it_knows_is_found_on_the_fresh_target(tmp_path: Path) -> None:
    from benchbox_plugins.datasets.digits import Digits

    digits = Digits().load(None, download=False)
    means = [digits.x_train[digits.y_train == label].mean(axis=0) for label in range(10)]
    text = base64.b64encode(np.rint(np.stack(means)).astype(np.uint8).tobytes()).decode()
    plugin, db = played(tmp_path, CARRIES.replace("{means}", text), "no data")
    submit("smoke", "mine", plugin, db=db, out=tmp_path / "submission")
    verdict = verified(tmp_path / "submission")
    assert [finding.holds for finding in verdict.findings] == [True, True, True, False]
    assert "was claimed" in why_not(verdict)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda folder: (folder / "submission.json").unlink(), "is no submission: it lacks the file 'submission.json'"),
        (
            lambda folder: (folder / "submission.json").write_text("{}"),
            "is no submission at 'benchbox': Field required",
        ),
        (lambda folder: claims(folder, lambda form: form.update(plugin="../mine.py")), "is no submission at 'plugin'"),
        (lambda folder: (folder / "results.db").unlink(), "it lacks the file 'results.db'"),
        (
            lambda folder: (folder / "mine.py").write_text("#" * 200_001),
            "'mine.py' has 200,001 bytes; 200,000 at most are taken",
        ),
    ],
)
def test_what_is_no_submission_is_one_sentence(packed: Path, change: Callable[[Path], None], said: str) -> None:
    change(packed)
    found = CliRunner().invoke(main, ["verify", str(packed)])
    assert (found.exit_code, said in found.stderr) == (2, True), found.output


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("helper.py", "WEIGHTS = 1", "holds 'helper.py' besides its three files"),
        ("results.db-wal", "", "holds 'results.db-wal' besides its three files"),
    ],
)
def test_nothing_comes_along(packed: Path, name: str, content: str, said: str) -> None:
    (packed / name).write_text(content)
    with pytest.raises(BenchboxError, match=said):
        verified(packed)


def test_a_link_is_no_file_of_a_submission(packed: Path, tmp_path: Path) -> None:
    (packed / "submission.json").rename(tmp_path / "elsewhere.json")
    (packed / "submission.json").symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(BenchboxError, match=r"it lacks the file 'submission\.json'"):
        verified(packed)


RULES = """

from benchbox.contracts import Dataset


class Evil(Dataset):
    'Runs where it is read.'

    name = "evil"
    version = 1

    def load(self, root, *, download):
        import pathlib

        pathlib.Path({mark!r}).touch()
        raise OSError
"""


def test_a_file_that_brings_rules_is_rejected_before_any_of_it_is_asked(packed: Path, tmp_path: Path) -> None:
    (packed / "mine.py").write_text(HONEST + RULES.format(mark=str(tmp_path / "ran")))
    claims(packed, lambda form: form["claims"][0].update(dataset="evil"))
    assert why_not(verified(packed)) == "'mine.py' holds dataset 'evil', too; a submission brings no rules"
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("dataset", ["npz", "npz:/etc/passwd", "folder:/", "evil"])
def test_a_data_set_that_benchbox_does_not_bring_is_rejected(packed: Path, dataset: str) -> None:
    claims(packed, lambda form: form["claims"][0].update(dataset=dataset))
    assert why_not(verified(packed)) == f"'{dataset}' is no data set of benchbox; only these are verified"


def test_a_suite_of_the_submitters_is_rejected(packed: Path, tmp_path: Path) -> None:
    with sqlite3.connect(packed / "results.db") as store:
        store.execute("UPDATE suite_cells SET suite = ?", (str(tmp_path / "easy.toml"),))
    claims(packed, lambda form: form.update(suite=str(tmp_path / "easy.toml")))
    assert "is no suite of benchbox" in why_not(verified(packed))


def test_a_cell_that_nobody_claims_is_rejected(honest: tuple[Path, Path], packed: Path, tmp_path: Path) -> None:
    db = tmp_path / "more.db"
    benchbox.run("smoke", methods="random", scenarios="real data", seeds=1, db=db, display=False)
    with Store.open(packed / "results.db") as sent, Store.open(db) as other:
        merge(sent, other)
    assert "random in real data on digits, seed 0 was played by another source" in why_not(verified(packed))


def test_other_rules_than_the_suites_are_rejected(tmp_path: Path) -> None:
    plugin, db = played(tmp_path, HONEST, "real data", budgets=[50])
    with sqlite3.connect(db) as store:
        store.execute("UPDATE suite_cells SET suite = 'smoke'")
    with pytest.raises(BenchboxError, match="was played by other rules, options or trainers than the suite's"):
        submit("smoke", "mine", plugin, db=db, out=tmp_path / "submission")


def test_fewer_seeds_than_the_suites_are_packed_and_said(tmp_path: Path) -> None:
    plugin, db = played(tmp_path, HONEST, "real data", seeds=1)
    said: list[str] = []
    submit("smoke", "mine", plugin, db=db, out=tmp_path / "submission", report=said.append)
    assert "1 of the suite's 2 seeds; its row will stand unranked" in said[-1]


def test_seeds_beyond_the_suites_are_not_packed(tmp_path: Path) -> None:
    plugin, db = played(tmp_path, HONEST, "real data", seeds=3)
    with pytest.raises(BenchboxError, match="seeds 0, 1, 2 are a choice; the suite's are 0, 1"):
        submit("smoke", "mine", plugin, db=db, out=tmp_path / "submission")


def test_where_its_player_cannot_be_shut_in_nothing_is_believed(packed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "off")
    verdict = verify(packed, sample=1, chance=random.Random(5))
    assert "its player could be sealed by 'process' only" in why_not(verdict)


def test_what_cannot_be_packed_is_one_sentence(honest: tuple[Path, Path], tmp_path: Path) -> None:
    plugin, db = honest
    with pytest.raises(BenchboxError, match="holds no cell of 'mine' in suite 'label-only'; run it first"):
        submit("label-only", "mine", plugin, db=db, out=tmp_path / "x")
    with pytest.raises(
        BenchboxError, match=r"selector 'random' is not in .*: it comes from package 'benchbox-attacks'"
    ):
        submit("smoke", "random", plugin, db=db, out=tmp_path / "x")
    assert not (tmp_path / "x").exists()
