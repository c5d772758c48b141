"""The lock that CI installs: it pins what we ask for, within what we ask for, and leaves PyTorch to the machine."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
TO_THE_MACHINE = {"torch", "torchvision"}


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    found = [line.split("==") for line in lines if not line.startswith("#")]
    return {plain(name): version for name, version in found}


def test_what_is_asked_for_is_pinned_to_a_version_that_will_do() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    asked = [Requirement(text) for text in (*project["dependencies"], *extras["dev"], *extras["docs"])]
    pinned = pins()
    for requirement in asked:
        if plain(requirement.name) not in TO_THE_MACHINE:
            version = pinned.get(plain(requirement.name))
            assert version, f"{requirement.name} is not in requirements.lock: run 'make lock'"
            assert requirement.specifier.contains(version), f"{requirement}: requirements.lock has {version}"


def test_neither_a_build_of_pytorch_nor_any_local_build_is_pinned() -> None:
    pinned = pins()
    assert not TO_THE_MACHINE & set(pinned)
    assert not [name for name in pinned if name.startswith(("nvidia-", "cuda-"))]
    assert not [version for version in pinned.values() if "+" in version]


@pytest.mark.parametrize(
    "path", [".ci/run", *(f".github/workflows/{name}.yml" for name in ("docs", "leaderboard", "submissions"))]
)
def test_ci_installs_it(path: str) -> None:
    installs = re.findall(r"(?:make .venv/.ready .*|pip install .*)", (ROOT / path).read_text())
    assert installs
    assert all("requirements.lock" in line for line in installs), installs
