"""What a run over a folder of photographs takes of memory: the folder is made on the spot, and every process counted.

    python benchmarks/memory/folder.py                      # 50,000 JPEGs of 224 pixels, the whole claim: under 3 GiB
    python benchmarks/memory/folder.py --images 5000 10000  # smaller ones, and the slope between them

A run plays two selectors, one that chooses blindly and one that looks at the whole pool, with lessons of hundreds of images,
and an attack. Memory is what the processes of the run hold (Pss: what is shared counts once), sampled four times a second.
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
target = { model = "strided" }
substitute = "strided"
trainer = "standard[updates=20,epochs=1]"
access = "label"
pool = { labels = true }
budgets = [200, 600]
methods = ["random", "drmi[profile=best,side=16]"]
attacks = [{ use = "fgsm", images = 100, at = "last" }]
"""
PLUGIN = """
import torch
from benchbox.contracts import Model
from torch import nn

class Strided(Model):
    "A small network for large images: what is measured is the program, and no network."
    name = "strided"
    def build(self, shape, classes):
        layers = [nn.Conv2d(3, 8, 7, stride=4), nn.ReLU(), nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(128, classes)]
        return nn.Sequential(*layers)

if __name__ == "__main__":
    torch.manual_seed(0)
    torch.save(Strided().build((3, 224, 224), 10).state_dict(), "mine.pt")
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


def held(root: int) -> list[int]:
    """Return the bytes that a process and each beneath it hold, a shared page counted once in all."""
    found, open_ = [], [root]
    while open_:
        pid = open_.pop()
        try:
            for task in Path(f"/proc/{pid}/task").iterdir():
                open_ += [int(child) for child in (task / "children").read_text().split()]
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        found += [int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:")]
    return found


def measure(count: int, within: Path) -> tuple[list[int], float]:
    """Return the bytes that the processes of a run over so many images held at the worst moment, and its seconds."""
    folder = within / f"photographs{count}"
    make(folder, count)
    (within / "memory.toml").write_text(SUITE.replace("PATH", str(folder)))
    (within / "strided.py").write_text(PLUGIN)
    subprocess.run([sys.executable, "strided.py"], cwd=within, check=True)
    target = ["--target", "mine.pt", "--model", "strided", "--plugin", "strided.py"]
    command = ["run", "--suite", "memory.toml", *target, "--jobs", "1", "--device", "cpu"]
    began, most = time.monotonic(), list[int]()
    environment = {**os.environ, "BENCHBOX_HOME": str(within / "home")}
    run = [sys.executable, "-m", "benchbox", *command, "--db", f"{within}/{count}.db"]
    with subprocess.Popen(run, cwd=within, env=environment) as process:
        while process.poll() is None:
            most = max(most, held(process.pid), key=sum)
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
        found.append((count, sum(most)))
        parts = " + ".join(f"{part / 2**30:.2f}" for part in sorted(most, reverse=True))
        print(
            f"{count:,} JPEGs of {SIDE} px: {sum(most) / 2**30:.2f} GiB at most in all processes ({parts}), {seconds:.0f} s"
        )
    if len(found) > 1:
        (few, least), (many, most) = found[0], found[-1]
        slope = (most - least) / (many - few)
        print(f"{slope:,.0f} bytes an image more; at 50,000: {(most + slope * (50_000 - many)) / 2**30:.2f} GiB")


if __name__ == "__main__":
    main()
