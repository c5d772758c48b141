"""The suite of ImageNet, its whole path: a folder made on the spot in ImageNet's layout, small networks in place of large."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.models import get_model

import benchbox
from benchbox.images import row_tensor, rows
from benchbox.target.given import published

SUITE = Path(__file__).parents[2] / "benchmarks" / "drmi-imagenet.toml"
SMALLER = {
    "resize=342,crop=299": "resize=40,crop=36",
    "inception_v3@": "squeezenet1_1@",
    '"inception-v3"': '"torchvision:squeezenet1_1"',
    "torchvision:resnet152": "torchvision:squeezenet1_0",
    "size = 200000": "size = 24",
    "size = 10000": "size = 18",
    "1100, 10000, 106000": "6, 12",
    "[5000]": "[9]",
    "[10000, 106000]": "[8]",
    "images = 1000": "images = 5",
    "profile=drmi-imagenet": "profile=drmi-imagenet,steps=2",
    "side=32": "side=8",
    "profile=drmi-paper": "updates=6,epochs=1",
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BENCHBOX_HOME", str(tmp_path / "home"))
    rng = np.random.default_rng(0)
    for part, count in {"train": 10, "val": 4}.items():
        for wnid in ("n01440764", "n03127925", "n15075141"):
            (tmp_path / "data" / part / wnid).mkdir(parents=True)
            for i in range(count):
                noise = rng.integers(0, 256, (40 + i, 50, 3), dtype=np.uint8)
                Image.fromarray(noise).save(tmp_path / "data" / part / wnid / f"{part}_{wnid}_{i}.JPEG")
    torch.manual_seed(0)
    file = io.BytesIO()
    torch.save(get_model("squeezenet1_1", num_classes=1000).state_dict(), file)
    name = f"squeezenet-{hashlib.sha256(file.getvalue()).hexdigest()[:8]}.pth"
    (tmp_path / "data" / name).write_bytes(file.getvalue())
    monkeypatch.setattr(published, "url_of", lambda architecture, weights: f"https://weights.invalid/{name}")
    return tmp_path / "data"


def test_its_whole_path_is_played_by_rows(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (rows, row_tensor):
        monkeypatch.setattr(module, "HELD", 1 << 18)  # 16 images
    text = SUITE.read_text()
    for large, small in SMALLER.items():
        assert large in text
        text = text.replace(large, small)
    (tmp_path / "small.toml").write_text(text)
    place = {"data_dir": root, "db": tmp_path / "results.db", "device": "cpu"}
    benchbox.run(str(tmp_path / "small.toml"), methods=["drmi-best"], jobs=0, **place)
    found = benchbox.results(tmp_path / "results.db")
    assert len(found["cell"].unique()) == 3
    assert found["metric"].value_counts()[["accuracy", "top5_accuracy", "asr_untargeted"]].tolist() == [4, 4, 2]
    assert set(found[found["metric"] == "top5_accuracy"]["n"]) == {12}
    assert found[found["metric"] == "l2_max"]["value"].between(1, 16.4 * 255 * 1.001).all()
