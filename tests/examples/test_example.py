"""The example distribution, in an environment of its own: benchbox from a built wheel, never from the source tree."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "benchbox-example"


def run(*command: str | Path, cwd: Path) -> str:
    """Run a program without this process's paths, which lead to the source tree."""
    quiet = {"OMP_NUM_THREADS": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | quiet
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=cwd, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def wheel(project: Path, out: Path) -> Path:
    """Build a wheel with the hatchling of this environment: nothing is fetched."""
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", out, cwd=project)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a fresh environment with both wheels; what they depend on is this environment's, through a .pth file."""
    folder = tmp_path_factory.mktemp("example")
    wheels = [wheel(ROOT, folder / "benchbox"), wheel(EXAMPLE, folder / "example")]
    venv.create(folder / "env", with_pip=False)
    python = folder / "env" / "bin" / "python"
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip())
    for built in wheels:
        with zipfile.ZipFile(built) as archive:
            archive.extractall(site)
    (site / "dependencies.pth").write_text(
        "\n".join(path for path in sys.path if path.endswith("site-packages")) + "\n"
    )
    return python


def test_benchbox_is_the_wheels_and_the_example_is_listed(python: Path, tmp_path: Path) -> None:
    where = run(
        python,
        "-c",
        "import benchbox, benchbox_plugins; print(benchbox.__file__, benchbox_plugins.__file__)",
        cwd=tmp_path,
    )
    assert str(ROOT) not in where
    listing = run(python, "-m", "benchbox", "plugins", cwd=tmp_path)
    for name in ("contrast", "momentum", "shapes"):
        assert any(name in line and "benchbox-example 0.1.0" in line for line in listing.splitlines())


def test_the_wheel_brings_a_bill_of_materials(python: Path) -> None:
    (path,) = python.parents[1].rglob("benchbox_attacks-*.dist-info/sboms/*.cdx.json")
    bill = json.loads(path.read_text())
    assert (bill["bomFormat"], bill["metadata"]["component"]["name"]) == ("CycloneDX", "benchbox-attacks")
    named = {each["name"]: each for each in bill["components"]}
    assert named["torch"]["scope"] == "required"
    assert named["distributed"]["scope"] == "optional"
    weights = [each for each in bill["components"] if each["type"] == "machine-learning-model"]
    folder = python.parents[1].rglob("benchbox_plugins/targets/*.safetensors")
    held = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder}
    assert {each["name"]: each["hashes"][0]["content"] for each in weights} == held
    refs = [each["bom-ref"] for each in bill["components"]]
    assert len(refs) == len(set(refs))


def test_it_passes_its_own_tests(python: Path, tmp_path: Path) -> None:
    out = run(
        python,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        EXAMPLE / "pyproject.toml",
        EXAMPLE / "tests",
        cwd=tmp_path,
    )
    assert " passed" in out


def test_the_wheel_brings_what_benchbox_new_writes(python: Path, tmp_path: Path) -> None:
    run(python, "-m", "benchbox", "new", "generator", "mine", cwd=tmp_path)
    assert (tmp_path / "benchbox-mine" / "src" / "benchbox_mine" / "plugin.py").is_file()
