"""The process of the rules' plugins: it answers as the plugins would here, and what ends it is one sentence."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from benchbox.errors import DataError, NotApplicable, PluginError, UnknownNameError
from benchbox.place import Place
from benchbox.registry import Catalogue
from benchbox.sources import LocalSources, RulesProcess
from benchbox.sources.process import SILENCE
from benchbox.target.zoo import TargetSpec

TARGETS = """
[recipes.quick]
epochs = 1
"""
DATASET = """
from benchbox.contracts import Dataset

class Mine(Dataset):
    '''Does something else.'''
    name = "mine"

    def load(self, root, *, download):
        %s
"""

Sources = Callable[..., RulesProcess]


@pytest.fixture
def npz(tmp_path: Path) -> str:
    labels = np.arange(40) % 2
    images = np.repeat(labels, 36).reshape(40, 6, 6).astype(np.uint8) * 200
    np.savez(tmp_path / "toy.npz", x_train=images, y_train=labels, x_test=images[:10], y_test=labels[:10])
    return f"npz:{tmp_path / 'toy.npz'}"


@pytest.fixture
def sources(tmp_path: Path) -> Iterator[Sources]:
    """Return a function that starts the process, and end what it started."""
    made: list[RulesProcess] = []
    (tmp_path / "targets.toml").write_text(TARGETS)

    def start(body: str = "", report: Callable[[str], None] = lambda line: None, train: bool = True) -> RulesProcess:
        files = []
        if body:
            (tmp_path / "mine.py").write_text(DATASET % body)
            files = [tmp_path / "mine.py"]
        catalogue = Catalogue.discover(files)
        catalogue.target_folders = [tmp_path]
        place = Place(device="cpu", zoo_dir=tmp_path / "zoo")
        made.append(RulesProcess(catalogue, place, train=train, report=report))
        return made[-1]

    yield start
    for process in made:
        process.close()


def test_it_says_what_the_plugins_would_say_here(sources: Sources, npz: str, tmp_path: Path) -> None:
    catalogue = Catalogue.discover()
    here = LocalSources(catalogue, Place(device="cpu", zoo_dir=tmp_path / "zoo"), train=True, report=print)
    facts = sources().images(npz)
    assert facts == here.images(npz)
    assert (facts.shape, facts.classes, facts.n_train, facts.n_test) == ((1, 6, 6), 2, 40, 10)


def test_a_target_is_trained_there_and_told_here(sources: Sources, npz: str) -> None:
    lines: list[str] = []
    torch_was_here = "torch" in sys.modules
    process = sources(report=lines.append)
    spec = TargetSpec(dataset=npz, model="dnn5", recipe="quick")
    record = process.target(spec)
    assert record is not None
    assert record.path.is_file()
    assert lines[0].startswith("training target")
    assert process.target(spec) == record
    assert sources(train=False).target(spec.model_copy(update={"seed": 1})) is None
    assert ("torch" in sys.modules) is torch_was_here


def test_errors_come_back_as_themselves(sources: Sources, npz: str) -> None:
    process = sources()
    with pytest.raises(DataError, match=r"nowhere\.npz"):
        process.images("npz:nowhere.npz")
    with pytest.raises(UnknownNameError, match="did you mean 'digits'"):
        process.images("digit")
    with pytest.raises(NotApplicable):
        process.target(TargetSpec(dataset=npz, model="lenet5", recipe="quick"))
    assert process.images(npz).classes == 2


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise ValueError('no')", "data set 'mine' failed: ValueError: no"),
        ("raise SystemExit", "data set 'mine' failed: SystemExit"),
        ("import os; os._exit(3)", r"ended \(exit code 3\) while data set 'mine' was loaded"),
        ("import time; time.sleep(99)", "said nothing for 3 s while data set 'mine' was loaded"),
    ],
)
def test_a_plugin_that_fails_ends_or_hangs_is_one_sentence(
    body: str, said: str, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SILENCE, "3")
    with pytest.raises(PluginError, match=said):
        sources(body).images("mine")


def test_a_plugin_that_prints_does_not_disturb(sources: Sources) -> None:
    load = (
        "print('{}'); from benchbox_plugins.datasets.digits import Digits; return Digits().load(root, download=False)"
    )
    assert sources(load).images("mine").classes == 10


def test_what_is_odd_about_a_data_set_is_told_once(sources: Sources, npz: str) -> None:
    lines: list[str] = []
    process = sources(report=lines.append)
    assert process.images(npz) == process.images(npz)
    assert lines == [
        f"data set '{npz}': 10 of 10 test images also stand among the training images; accuracies will be too high"
    ]


def test_a_plan_reads_a_data_set_once_and_the_next_reads_it_anew(npz: str, tmp_path: Path) -> None:
    path = Path(npz.removeprefix("npz:"))

    def here() -> LocalSources:
        place = Place(device="cpu", zoo_dir=tmp_path / "zoo")
        return LocalSources(Catalogue.discover(), place, train=False, report=lambda line: None)

    first = here()
    before = first.images(npz)
    arrays = dict(np.load(path))
    np.savez(path, **{**arrays, "x_train": 255 - arrays["x_train"]})  # type: ignore[arg-type]
    assert first.images(npz) == before
    assert here().images(npz).digest != before.digest


COORDINATOR = """
from pathlib import Path
from benchbox.place import Place
from benchbox.registry import Catalogue
from benchbox.sources import RulesProcess

catalogue = Catalogue.discover([Path("mine.py")])
RulesProcess(catalogue, Place(device="cpu", zoo_dir=Path("zoo")), train=True, report=print).images("mine")
"""


def test_it_ends_with_a_coordinator_that_is_killed_while_it_works(tmp_path: Path) -> None:
    loads = "import time; open('working', 'w').close(); time.sleep(600)"
    (tmp_path / "mine.py").write_text(DATASET % loads)
    command = [sys.executable, "-c", COORDINATOR]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as coordinator:
        while not (tmp_path / "working").exists():
            assert coordinator.poll() is None
            time.sleep(0.05)
        coordinator.kill()
        _, said = coordinator.communicate(timeout=60)  # the pipe is open for as long as anybody could write to it
    assert not said
