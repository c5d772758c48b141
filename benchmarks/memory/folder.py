"""What a run over a folder of photographs takes of memory: the folder is made on the spot, and every process counted.

    python benchmarks/memory/folder.py                      # 50,000 JPEGs of 224 pixels, the whole claim: under 3 GiB
    python benchmarks/memory/folder.py --images 5000 10000  # smaller ones, and the slope between them

A run plays two selectors, one that chooses blindly and one that looks at the whole pool, with lessons of hundreds of images, and an
attack. Memory is what the processes of the run hold for themselves and share with nobody (Pss), sampled four times a second; what
files are mapped or cached costs nobody anything.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

CLASSES, SIDE, TEST = 10, 224, 0.1
SUITE = """
title = "memory"
description = "What a run over photographs takes of memory."
datasets = ["folder[path=PATH,held_out=0.1]"]
seeds = 1

[[scenario]]
name = "photographs"
plays = "selector"
target = { model = "conv3", recipe = "once" }
substitute = "conv3"
trainer = "standard[updates=20,epochs=1]"
access = "label"
pool = { labels = true }
budgets = [200, 600]
methods = ["random", "drmi[profile=best,side=16]"]
attacks = [{ use = "fgsm", images = 100, at = "last" }]
"""
MODULE = """
from torch import nn
def net():
    made = nn.Sequential(nn.Conv2d(3, 8, 7, stride=4), nn.ReLU(), nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(128, 10))
    return made
"""


def make(folder: Path, count: int) -> None:
    """Write so many JPEGs, smooth noise of a colour that tells the class: a few kilobytes each, as photographs of this size."""
    rng = np.random.default_rng(0)
    blocks = rng.integers(0, 256, (64, 28, 28, 3), dtype=np.uint8)
    for label in range(CLASSES):
        (folder / f"class{label}").mkdir(parents=True)
    for i in range(count):
        noise = np.roll(blocks[i % 64], (i // 64, i // 1792), (0, 1)).copy()
        noise[:2, :2] = rng.integers(0, 256, (2, 2, 3))
        image = Image.fromarray(noise).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        image.save(folder / f"class{i % CLASSES}" / f"{i:06}.jpg", quality=90)


def held(root: int) -> int:
    """Return the bytes that a process and all beneath it hold, each shared page counted once in all."""
    total, open_ = 0, [root]
    while open_:
        pid = open_.pop()
        try:
            for task in Path(f"/proc/{pid}/task").iterdir():
                open_ += [int(child) for child in (task / "children").read_text().split()]
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))
    return total


def measure(count: int, within: Path) -> tuple[int, float]:
    """Return the most bytes that a run over so many images held, and its seconds."""
    folder = within / f"photographs{count}"
    make(folder, count)
    (within / "memory.toml").write_text(SUITE.replace("PATH", str(folder)))
    (within / "mine.py").write_text(MODULE)
    (within / "weights.py").write_text(
        "import torch, mine; torch.manual_seed(0); torch.save(mine.net().state_dict(), 'mine.pt')"
    )
    subprocess.run([sys.executable, "weights.py"], cwd=within, check=True)
    command = ["run", "--suite", "memory.toml", "--target", "mine.pt", "--model", "mine:net", "--jobs", "1", "--device", "cpu"]
    began, most = time.monotonic(), 0
    environment = {**os.environ, "BENCHBOX_HOME": str(within / "home")}
    run = [sys.executable, "-m", "benchbox", *command, "--db", f"{within}/{count}.db"]
    with subprocess.Popen(run, cwd=within, env=environment) as process:
        while process.poll() is None:
            most = max(most, held(process.pid))
            time.sleep(0.25)
    if process.returncode:
        raise SystemExit(f"the run over {count} images failed")
    return most, time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, nargs="+", default=[50_000], help="sizes of folders, one after the other")
    found = []
    for count in parser.parse_args().images:
        with tempfile.TemporaryDirectory(prefix="benchbox-memory-") as within:
            most, seconds = measure(count, Path(within))
        found.append((count, most))
        print(f"{count:,} JPEGs of {SIDE} px: {most / 2**30:.2f} GiB at most in all processes, {seconds:.0f} s")
    if len(found) > 1:
        (few, least), (many, most) = found[0], found[-1]
        slope = (most - least) / (many - few)
        print(f"{slope:,.0f} bytes an image more; at 50,000: {(most + slope * (50_000 - many)) / 2**30:.2f} GiB")


if __name__ == "__main__":
    main()
