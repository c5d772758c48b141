"""What travels to a worker: pieces of files, plugin files, what must be installed, data and targets by their content."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from execution_toys import TARGET, planned, ref

from benchbox.contracts import Arrays
from benchbox.errors import BenchboxError, ClusterError, DataError
from benchbox.execution.cluster import goods as goods_module
from benchbox.execution.cluster import muster as muster_module
from benchbox.execution.cluster.goods import Goods
from benchbox.execution.cluster.link import check_cluster
from benchbox.execution.cluster.muster import (
    Demand,
    Installed,
    Muster,
    PluginFile,
    check_core,
    check_plugins,
    core_source,
    muster_of,
)
from benchbox.execution.cluster.site import Site, _Run, _with_files
from benchbox.execution.cluster.stock import Stock, Stopped
from benchbox.images.images import checked
from benchbox.images.kept import read_kept, write_kept
from benchbox.place import Place
from benchbox.registry import Catalogue
from benchbox.registry.source import source_of


def muster(**changes: Any) -> Muster:
    usual: dict[str, Any] = {"run": "r", "version": muster_module.version(), "source": core_source(), "device": "cpu"}
    usual |= {
        "demand": Demand(name="toys", sealed=None),
        "installed": (),
        "files": (),
        "time_limit": None,
        "live": False,
        "choices": True,
    }
    return Muster(**{**usual, **changes})


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_file_comes_in_pieces_and_is_there_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(goods_module, "PIECE", 4)
    content = b"0123456789"
    target = tmp_path / "t.safetensors"
    target.write_bytes(content)
    item = planned()
    assert item.setting is not None
    record = TARGET.model_copy(update={"path": target, "sha256": sha256(content)})
    item = type(item)(**{**vars(item), "setting": item.setting.model_copy(update={"target": record})})
    offered = Goods([item], Catalogue(), Place(zoo_dir=tmp_path))
    name = f"{sha256(content)}.safetensors"
    stock = Stock(tmp_path / "stock")
    for piece in offered.pieces(name):
        assert not (stock.goods / name).exists()
        stock.receive(name, *piece)
    assert (stock.goods / name).read_bytes() == content
    with pytest.raises(ClusterError, match="came damaged"):
        stock.receive("other.npz", 0, b"ab", 2, sha256(b"abc"))
    assert [path.name for path in stock.goods.iterdir()] == [name]
    with pytest.raises(ClusterError, match="nothing of this run's"):
        list(offered.pieces("../../etc/passwd"))


def test_ready_surrogates_travel_as_targets_do(tmp_path: Path) -> None:
    given = tmp_path / "s.safetensors"
    given.write_bytes(b"weights")
    item = planned()
    assert item.setting is not None
    record = TARGET.model_copy(update={"path": given, "sha256": sha256(b"weights")})
    item = type(item)(**{**vars(item), "setting": item.setting.model_copy(update={"surrogates": (record,)})})
    (piece,) = Goods([item], Catalogue(), Place(zoo_dir=tmp_path)).pieces(f"{sha256(b'weights')}.safetensors")
    assert piece.content == b"weights"


def test_whoever_waits_for_a_file_gets_it_or_the_reason_or_goes_when_nobody_wants_it(tmp_path: Path) -> None:
    stock, asked = Stock(tmp_path), list[str]()

    def send(name: str) -> None:
        asked.append(name)
        threading.Timer(0.05, stock.receive, (name, 0, b"x", 1, sha256(b"x"))).start()

    assert stock.await_file("a.npz", send, lambda: True).read_bytes() == b"x"
    assert stock.await_file("a.npz", send, lambda: True).read_bytes() == b"x"
    assert asked == ["a.npz"]
    with pytest.raises(DataError, match="it is gone"):
        stock.await_file(
            "b.npz", lambda name: threading.Timer(0.05, stock.refuse, (name, "it is gone")).start(), lambda: True
        )
    with pytest.raises(Stopped):
        stock.await_file("c.npz", lambda name: None, lambda: False)


def test_a_plugin_file_comes_with_what_it_imports_and_is_held_against_its_hash(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("import helper\n")
    (tmp_path / "helper.py").write_text("x = 1\n")
    source = source_of([tmp_path / "mine.py"], beside=True)
    contents = {"mine.py": b"import helper\n", "helper.py": b"x = 1\n"}
    stock = Stock(tmp_path / "stock")
    here = stock.unpack(PluginFile(path="/home/me/mine.py", source=source, contents=contents))
    assert sorted(path.name for path in here.parent.iterdir()) == ["helper.py", "mine.py"]
    changed = {**contents, "helper.py": b"x = 2\n"}
    with pytest.raises(ClusterError, match=r"/home/me/mine\.py changed since the run was planned"):
        stock.unpack(PluginFile(path="/home/me/mine.py", source=source, contents=changed))
    with pytest.raises(ClusterError, match="none beside it"):
        stock.unpack(PluginFile(path="mine.py", source="0" * 64, contents={"../../out.py": b""}))


def test_every_plugin_of_a_setting_is_loaded_from_where_it_came_to() -> None:
    cell = planned().cell
    assert cell is not None
    cell = cell.model_copy(update={"method": ref("selector", "mine", file="/home/me/mine.py", source="s")})
    moved = _with_files(cell.model_dump(mode="json"), {"/home/me/mine.py": "/cache/mine.py"})
    assert moved["method"]["file"] == "/cache/mine.py"
    assert moved["scenario"]["substitute"]["file"] == ""
    assert type(cell).model_validate(moved).id == cell.id


def test_another_version_or_source_of_benchbox_is_a_sentence() -> None:
    check_core(muster())
    with pytest.raises(ClusterError, match=r"it has benchbox-attacks .*, and this run is of 9\.9"):
        check_core(muster(version="9.9"))
    with pytest.raises(ClusterError, match="it has other source files of benchbox-attacks"):
        check_core(muster(source="0" * 64))


def test_a_distribution_that_is_missing_or_another_is_named() -> None:
    catalogue = Catalogue.discover()
    row = catalogue.get("selector", "random")
    here = Installed(kind="selector", name="random", package="benchbox-attacks", package_version="1", source=row.source)
    check_plugins(muster(installed=(here,)), catalogue)
    theirs = here.model_copy(update={"name": "theirs", "package": "their-package", "package_version": "3.1"})
    with pytest.raises(
        ClusterError, match=r"it has no selector 'theirs': install the distribution 'their-package' 3\.1 there"
    ):
        check_plugins(muster(installed=(theirs,)), catalogue)
    with pytest.raises(ClusterError, match="its selector 'random' has another source"):
        check_plugins(muster(installed=(here.model_copy(update={"source": "0"}),)), catalogue)


def test_arrays_come_back_byte_for_byte_and_a_damaged_file_is_a_sentence(tmp_path: Path) -> None:
    images = np.arange(2 * 4, dtype=np.float64).reshape(2, 2, 2) / 8
    arrays = Arrays(images, np.array([0, 1], np.int32), images[:1] + 0.1, np.array([0]))
    write_kept(tmp_path / "a.npz", arrays, "mine")
    assert checked(read_kept(tmp_path / "a.npz"), "mine").digest == checked(arrays, "mine").digest
    (tmp_path / "a.npz").write_bytes(b"PK nothing")
    with pytest.raises(DataError, match="cannot be read"):
        read_kept(tmp_path / "a.npz")


class _Wire:
    """A coordinator that has one file."""

    def __init__(self, site: Site, content: bytes) -> None:
        self._site, self._content, self.asked = site, content, list[str]()

    def ask(self, name: str) -> None:
        self.asked.append(name)
        arguments = (name, 0, self._content, len(self._content), sha256(self._content))
        threading.Timer(0.01, self._site.stock.receive, arguments).start()

    def wanted(self) -> bool:
        return True


def test_a_target_is_taken_from_the_zoo_or_the_cache_and_asked_for_where_neither_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCHBOX_HOME", str(tmp_path / "home"))
    site = Site(1)
    run: Any = _Run(muster(), Place(zoo_dir=tmp_path), Catalogue(), {})
    record = TARGET.model_copy(update={"path": Path("/far/away/toy.safetensors"), "sha256": sha256(b"weights")})
    wire: Any = _Wire(site, b"weights")
    first = site._target(run, record, wire)
    assert first.path.read_bytes() == b"weights"  # type: ignore[union-attr]
    first.path.write_bytes(b"damaged")  # type: ignore[union-attr]
    again = site._target(run, record, wire)
    assert again.path.read_bytes() == b"weights"  # type: ignore[union-attr]
    assert len(wire.asked) == 2
    (tmp_path / "home" / "targets").mkdir()
    mine = tmp_path / "home" / "targets" / "toy.safetensors"
    mine.write_bytes(b"weights")
    assert site._target(run, record, wire).path == mine  # type: ignore[union-attr]
    theirs = tmp_path / "data" / "targets" / "toy.safetensors"
    theirs.parent.mkdir(parents=True)
    mine.rename(theirs)
    run.place = run.place.model_copy(update={"data_dir": tmp_path / "data"})
    assert site._target(run, record, wire).path == theirs  # type: ignore[union-attr]
    assert len(wire.asked) == 2
    liar: Any = _Wire(site, b"other")
    with pytest.raises(BenchboxError, match="another content than was pinned"):
        site._target(run, record.model_copy(update={"sha256": sha256(b"more")}), liar)


def test_a_run_says_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match="'dask:/boss' is no Dask scheduler: write tcp://HOST:8786"):
        check_cluster("dask:/boss")
    file = tmp_path / "mine.py"
    file.write_text("x = 1\n")
    catalogue = Catalogue.discover()
    item = planned()
    assert item.setting is not None
    assert item.cell is not None
    random = catalogue.get("selector", "random")
    cell = item.cell.model_copy(
        update={
            "method": ref("selector", "random", source=random.source),
            "trainer": ref("trainer", "mine", file=str(file), source="s"),
            "scenario": item.cell.scenario.model_copy(update={"substitute": ref("model", "lenet5")}),
        }
    )
    changes = {"cell": cell, "dataset": ref("dataset", "digits"), "target_model": ref("model", "lenet5")}
    setting = item.setting.model_copy(update=changes)
    item = type(item)(**{**vars(item), "setting": setting})
    suite: Any = Demand(name="toys", sealed=None)
    made = muster_of("r", [item], suite, catalogue, device="cpu", time_limit=5, live=False, choices=True)
    assert {(i.kind, i.name) for i in made.installed} == {
        ("selector", "random"),
        ("model", "lenet5"),
        ("dataset", "digits"),
    }
    assert [(f.path, f.contents) for f in made.files] == [(str(file), {"mine.py": b"x = 1\n"})]


def test_nothing_but_a_cluster_needs_dask(monkeypatch: pytest.MonkeyPatch) -> None:
    modules = "sys, benchbox.api, benchbox.cli.run, benchbox.execution.cluster.executor"
    code = f"import {modules}; print('distributed' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"--cluster needs Dask: pip install 'benchbox-attacks\[cluster\]'"):
        check_cluster("tcp://boss:8786")
