from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from benchbox.errors import TargetError
from benchbox.registry import Catalogue
from benchbox.target.zoo import TargetRecord, Zoo


@pytest.mark.parametrize(
    "text", ["{", '{"targets": [{"name": 1}]}', "[]", '{"targets": [1]}', '{"targets": {}}', "[" * 100_000]
)
def test_a_broken_manifest_is_named(zoo: Zoo, record: TargetRecord, text: str) -> None:
    manifest = record.path.parent / "manifest.json"
    manifest.write_text(text)
    with pytest.raises(TargetError, match=r"manifest\.json is not a manifest of targets"):
        zoo.records()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"accuracy": 97.0}, "accuracy: Input should be less than or equal to 1"),
        ({"accuracy": -0.1}, "accuracy: Input should be greater than or equal to 0"),
        ({"accuracy": math.nan}, "accuracy: Input should be"),
        ({"accuracy": "0.97"}, "accuracy: Input should be a valid number"),
        ({"n_test": 0}, "n_test: Input should be greater than or equal to 1"),
        ({"classes": -10}, "classes: Input should be greater than or equal to 1"),
        ({"holdout": -1}, "holdout: Input should be greater than or equal to 0"),
        ({"file": "../secret.safetensors"}, "file '../secret.safetensors' is not the name of a file in this folder"),
        ({"file": "/etc/passwd"}, "is not the name of a file in this folder"),
        ({"file": "..\\up.safetensors"}, "is not the name of a file in this folder"),
        ({"file": ".."}, "is not the name of a file in this folder"),
        ({"file": None}, "file 'None' is not the name of a file in this folder"),
    ],
)
def test_a_foreign_row_of_a_manifest_is_named(
    zoo: Zoo, record: TargetRecord, changes: dict[str, object], said: str
) -> None:
    manifest = record.path.parent / "manifest.json"
    row = {**record.row(), **changes}
    manifest.write_text(json.dumps({"targets": [record.row(), row]}))
    with pytest.raises(TargetError) as error:
        zoo.records()
    assert f"{manifest} is not a manifest of targets (target 2, '{record.name[:80]}': " in str(error.value)
    assert said in str(error.value)
    assert str(error.value).endswith("); restore it or delete it")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["[recipes", "[recipes.standard]\nepoch = 3\n", "[[targets]]\nmodel = 'dnn5'\n"])
def test_a_malformed_targets_file_is_named(catalogue: Catalogue, tmp_path: Path, text: str) -> None:
    (catalogue.target_folders[0] / "targets.toml").write_text(text)
    with pytest.raises(TargetError, match=r"targets\.toml is malformed: "):
        Zoo(catalogue, tmp_path / "zoo", "cpu").specs()
