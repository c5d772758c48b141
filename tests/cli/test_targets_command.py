from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from benchbox.cli import main
from benchbox.registry import Catalogue

TARGETS = """
[recipes.standard]
epochs = 1

[[targets]]
dataset = "npz:{path}"
model = "dnn5"
"""


@pytest.fixture
def name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The one target of a package, not trained yet."""
    labels = np.arange(40) % 2
    images = np.repeat(labels, 36).reshape(40, 6, 6).astype(np.uint8) * 200
    path = tmp_path / "toy.npz"
    np.savez(path, x_train=images, y_train=labels, x_test=images[:10], y_test=labels[:10])
    (tmp_path / "targets.toml").write_text(TARGETS.format(path=path))
    catalogue = Catalogue.discover()
    catalogue.target_folders = [tmp_path]
    monkeypatch.setattr(Catalogue, "discover", lambda files=(): catalogue)
    monkeypatch.setenv("BENCHBOX_HOME", str(tmp_path / "home"))
    return f"npz:{path}/dnn5"


def targets(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["targets", *arguments])


def test_it_lists_what_is_there_and_what_is_not(name: str) -> None:
    assert "not trained yet" in targets().stdout
    trained = targets("--train", name)
    assert trained.exit_code == 0, trained.output
    assert "there was none before" in trained.stdout
    listed = targets()
    assert name in listed.stdout
    assert "not trained yet" not in listed.stdout
    (row,) = json.loads(targets("--json").stdout)
    assert row["sha256"][:12] in listed.stdout
    assert row["recipe"]["epochs"] == 1


def test_it_says_where_weights_lie_and_which_are_not_there(name: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "targets").mkdir(parents=True)
    targets("--train", name, "--into", str(tmp_path))
    (weights,) = tmp_path.glob("*.safetensors")
    (row,) = json.loads(targets("--data-dir", str(data), "--json").stdout)
    assert row["there"]
    weights.rename(data / "targets" / weights.name)
    (row,) = json.loads(targets("--data-dir", str(data), "--json").stdout)
    assert (row["path"], row["there"], row["pinned"]) == (str(data / "targets" / weights.name), True, True)
    (row,) = json.loads(targets("--json").stdout)
    assert (row["path"], row["there"]) == (str(tmp_path / "home" / "targets" / weights.name), False)
    assert "(pinned, not there)" in targets().stdout
    trained = targets("--train", name, "--data-dir", str(data))
    assert "the same weights as before, byte for byte" in trained.stdout


def test_a_rebuilt_target_is_compared_with_the_one_before(name: str, tmp_path: Path) -> None:
    targets("--train", name)
    assert "the same weights as before, byte for byte" in targets("--train", name).stdout
    row = json.loads(targets("--train", name, "--into", str(tmp_path / "other"), "--json").stdout)
    assert row["path"].startswith(str(tmp_path / "other"))


def test_another_seed_or_holdout_of_what_is_installed_is_trained_by_its_name(name: str) -> None:
    for other in (f"{name}+seed=3", f"{name}+seed=3+holdout=8"):
        trained = targets("--train", other)
        assert trained.exit_code == 0, trained.output
        assert f"{other}: " in trained.stdout


@pytest.mark.parametrize("wrong", ["+seed=x", "+seed=0", "+holdout=8+seed=3", "+colour=red"])
def test_what_follows_a_name_is_written_as_targets_are_listed(name: str, wrong: str) -> None:
    result = targets("--train", name + wrong)
    assert result.exit_code == 2
    assert "there is no target" in result.stderr


def test_a_wrong_name_is_one_sentence(name: str) -> None:
    result = targets("--train", name.replace("dnn5", "dnn6"))
    assert result.exit_code == 2
    assert f"did you mean '{name}'?" in result.stderr
