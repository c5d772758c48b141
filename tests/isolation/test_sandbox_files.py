"""In a sandbox: which files are seen, and that no trick brings the others back."""

from __future__ import annotations

import os
import sys
import tempfile
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from intruder import call, names, read, write

import benchbox
from benchbox.isolation.sandbox import walls
from benchbox.isolation.walls import beside
from benchbox.paths import secret_data

NEW_USERS_AND_MOUNTS = 0x10020000
DETACH = 2
CHECKOUT = Path(benchbox.__file__).parents[1]
HOME = Path("~").expanduser()
DIGITS = next(path for path in (Path(entry, "sklearn/datasets/data") for entry in sys.path) if path.is_dir())


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """Return a file that everybody may read, in folders that everybody may enter."""
    for folder in takewhile(lambda folder: folder != Path(tempfile.gettempdir()), (tmp_path, *tmp_path.parents)):
        folder.chmod(0o755)  # pytest-xdist's lie deeper
    path = tmp_path / "secret.txt"
    path.write_text("the weights")
    path.chmod(0o644)
    return path


def test_a_file_that_is_not_let_through_is_not_there(inside: Any, secret: Path) -> None:
    tried = [secret, secret.parent, CHECKOUT / "pyproject.toml", Path("/etc/passwd"), Path("/sys"), Path("/var")]
    assert {inside(lambda path=path: read(path)) for path in tried} == {"ENOENT"}


def test_home_holds_nothing_but_python(inside: Any) -> None:
    def seen_there() -> list[str]:
        return names(HOME) if HOME.is_dir() else []

    seen = {path.relative_to(HOME).parts[0] for path in walls().readable if path.is_relative_to(HOME)}
    assert set(inside(seen_there)) <= seen


@pytest.mark.parametrize("without", ["", "landlock"])
def test_what_is_let_through_is_read_and_not_written(inside: Any, secret: Path, without: str) -> None:
    def tried() -> list[str]:
        return [read(secret), write(secret), write(secret.with_name("other"))]

    secret.chmod(0o666)
    secret.parent.chmod(0o777)
    shown = (*walls().readable, secret.parent)
    answers = inside(tried, readable=shown, without=without)
    assert answers[0] == "done"
    assert set(answers[1:]) <= {"EROFS", "EACCES"}
    assert secret.read_text() == "the weights"


def test_what_is_writable_is_written(inside: Any, secret: Path) -> None:
    secret.parent.chmod(0o777)
    assert inside(lambda: write(secret.with_name("note")), writable=(secret.parent,)) == "done"
    assert secret.with_name("note").read_bytes() == b"was here"


@pytest.mark.parametrize("without", ["", "landlock", "landlock seccomp"])
def test_what_is_hidden_stays_hidden(inside: Any, secret: Path, without: str) -> None:
    folder = secret.parent / "targets"
    folder.mkdir()
    (folder / "weights").write_text("secret")

    def tried() -> list[str]:
        uncovered = [call("umount2", bytes(path), DETACH) for path in (folder, secret)]
        nested = call("unshare", NEW_USERS_AND_MOUNTS)
        again = [call("umount2", bytes(path), DETACH) for path in (folder, secret, Path("/proc"))]
        mounted = call("mount", b"tmpfs", b"/tmp", b"tmpfs", 0, None)
        assert "done" not in {*uncovered, nested, *again, mounted}
        assert not read(secret).startswith("done") or not secret.read_bytes()
        return names(folder) if read(folder) == "done" else []

    assert inside(tried, readable=(*walls().readable, secret.parent), hidden=(folder, secret), without=without) == []


@pytest.mark.parametrize("told", ["option", "variable"])
@pytest.mark.parametrize("lie", ["data", "elsewhere"])
def test_targets_in_a_data_folder_are_hidden_where_the_folder_is_seen(
    inside: Any, secret: Path, monkeypatch: pytest.MonkeyPatch, told: str, lie: str
) -> None:
    """As the data of somebody who keeps them among what is installed; or there is only what a link in them leads to."""
    data, weights = secret.parent / "data", secret.parent / lie / "targets" / "w.safetensors"
    weights.parent.mkdir(parents=True)
    weights.write_bytes(b"the weights")
    if lie == "elsewhere":
        data.mkdir()
        (data / "targets").symlink_to(weights.parent)
    if told == "variable":
        monkeypatch.setenv("BENCHBOX_DATA", str(data))
    around = walls([secret.parent / lie], hidden=secret_data(data) if told == "option" else ())

    def tried() -> list[str]:
        return [read(path) for path in (weights, data / "targets" / weights.name)]

    assert "done" in inside(tried, readable=around.readable, hidden=())
    assert "done" not in inside(tried, readable=around.readable, hidden=around.hidden)


def test_scikit_learns_digits_are_hidden(inside: Any) -> None:
    assert DIGITS in walls().hidden
    assert (DIGITS / "digits.csv.gz").is_file()
    assert inside(lambda: [names(DIGITS), read(DIGITS / "digits.csv.gz"), read(DIGITS.parent)]) == [
        [],
        "ENOENT",
        "done",
    ]


def test_of_a_checkout_only_what_can_be_imported_is_seen(
    inside: Any, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = secret.parent
    for name in ("package/__init__.py", "package/part.py", "data/images.npz", ".git/config", "results.db", "single.py"):
        (checkout / name).parent.mkdir(exist_ok=True)
        (checkout / name).write_text("x = 1")
    monkeypatch.syspath_prepend(checkout)

    def tried() -> Any:
        import package.part  # type: ignore[import-not-found]
        import single  # type: ignore[import-not-found]

        return package.part.x + single.x, names(checkout)

    assert inside(tried) == [2, ["package", "single.py"]]


def test_a_store_that_comes_later_is_hidden_too(inside: Any, secret: Path) -> None:
    around = walls([secret.parent], hidden=[secret.parent / "results.db"])
    (secret.parent / "results.db").write_text("numbers")
    given = {"readable": around.readable, "hidden": around.hidden}
    assert inside((secret.parent / "results.db").read_text, **given) == ""


def test_links_beside_a_plugin_that_lead_elsewhere_show_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "plugins"
    (folder / "package").mkdir(parents=True)
    for name in ("mine.py", "helper.py", "package/__init__.py"):
        (folder / name).touch()
    (tmp_path / "secret.py").touch()
    links = {
        "all.py": Path("/"),
        "up.py": tmp_path,
        "secret.py": tmp_path / "secret.py",
        "alias.py": folder / "helper.py",
    }
    for name, target in links.items():
        (folder / name).symlink_to(target)
    shown = {path.name for path in beside(folder / "mine.py")}
    assert shown == {"mine.py", "helper.py", "alias.py", "package"}


def test_devices_are_shown_where_there_are_any() -> None:
    """Without a GPU, the limits that CUDA cannot live with hold, whatever device was asked for."""
    assert walls(gpu=True).gpu is any(Path("/dev").glob("nvidia*"))


def test_links_on_the_way_are_kept(inside: Any, secret: Path) -> None:
    link = secret.with_name("link")
    link.symlink_to(secret.parent / "real", target_is_directory=True)
    (secret.parent / "real").mkdir()
    (secret.parent / "real" / "file").write_text("x")
    assert inside(lambda: read(link / "file"), readable=(*walls().readable, link)) == "done"


def test_a_thing_that_is_not_there_is_an_error(inside: Any) -> None:
    with pytest.raises(AssertionError, match="cannot be built: /nowhere is not there"):
        inside(lambda: 0, readable=(*walls().readable, Path("/nowhere")))


def test_a_thing_that_the_player_could_not_read_is_an_error(inside: Any, secret: Path) -> None:
    secret.chmod(0o600)
    with pytest.raises(AssertionError, match=r"secret\.txt cannot be read by user"):
        inside(lambda: 0, readable=(*walls().readable, secret))


def test_installed_packages_cannot_be_changed(inside: Any) -> None:
    places = [
        Path(benchbox.__file__),
        DIGITS.parent / "new.py",
        Path(sys.prefix, "new"),
        Path("/new"),
        Path("/dev/new"),
    ]
    answers = inside(lambda: [write(path) for path in places])
    assert set(answers) <= {"EROFS", "EACCES"}


def test_tmp_is_empty_private_and_writable(inside: Any) -> None:
    def tried() -> Any:
        note = Path("/tmp/note")
        return str(Path.cwd()), note.exists(), write(note), write(Path("/dev/shm/note"))

    assert inside(tried) == inside(tried) == ["/tmp", False, "done", "done"]


def test_an_open_folder_leads_nowhere(inside: Any, secret: Path) -> None:
    leaked = os.open(secret.parent, os.O_RDONLY)

    def tried() -> str:
        try:
            os.close(os.open(secret.name, os.O_RDONLY, dir_fd=leaked))
        except PermissionError:
            return "refused"
        return "read"

    assert inside(tried) == "refused"
    os.close(leaked)
