"""Rules about every plugin: what it says of itself, how it is listed, how it travels to a worker."""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from benchbox.registry import Row, Spec, load
from benchbox.registry.helper import origins
from benchbox.registry.loading import options_of
from benchbox.testing.rule import Failed, Subject, rule

_HEAVY = ("torch", "art", "sklearn", "numba", "tensorflow", "jax")
_LISTING = """
import json, pathlib, sys
job, heavy = json.loads(sys.argv[1])
asked = set()

class Noticing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in heavy:
            asked.add(name.partition(".")[0])
            raise ImportError(name)

sys.meta_path.insert(0, Noticing())
from benchbox.registry.collect import collect_file, collect_point
try:
    collect_file(pathlib.Path(job["file"])) if "file" in job else collect_point(job["value"], job["package"])
except Exception:
    if not asked:
        raise
print(json.dumps(sorted(asked)))
"""
"""Lists what one package or file registers, where each heavy import is refused and noticed."""


@rule(expects="lower-case words joined by hyphens")
def name_is_easy_to_type(subject: Subject) -> None:
    """Users type the name on the command line and in suite files."""
    if not re.fullmatch(r"[a-z0-9]+([-.][a-z0-9]+)*", subject.row.name):
        raise Failed("has a name that is hard to type")


@rule(expects="a class docstring of its own whose first line is a sentence that ends with a full stop")
def docs_say_what_it_is(subject: Subject) -> None:
    """The docstring's first line is what listings show; the rest is the documentation."""
    plugin = load(subject.row)
    if not plugin.__doc__:
        raise Failed("has no docstring")
    if not plugin.summary().endswith("."):
        raise Failed(f"begins its docstring with '{plugin.summary()}'")


@rule(expects="Field(description=...) for every option, and profiles and defaults that its own options take")
def options_are_described(subject: Subject) -> None:
    """Options are documented where they are declared; a default or profile that is refused would be found by users."""
    plugin = load(subject.row)
    for name, field in plugin.Options.model_fields.items():
        if not field.description:
            raise Failed(f"does not describe its option '{name}'")
        if field.is_required() and name != plugin.argument:
            raise Failed(f"has no default for its option '{name}'")
    for profile in plugin.profiles:
        options_of(subject.row, Spec(subject.row.name, {"profile": profile}))


@rule(expects="options of numbers, texts, lists and tables, which JSON keeps as they are")
def options_cross_as_data(subject: Subject) -> None:
    """A player's process is told the options as JSON, and makes the plugin from them."""
    options = subject.plugin().options
    again = type(options).model_validate(json.loads(json.dumps(options.model_dump(mode="json"))))
    if again != options:
        raise Failed(f"has options that come back as {again!r:.200}")


@rule(
    expects="heavy imports inside the methods that need them, or in a module that a benchbox.contracts.Lazy row names"
)
def listing_imports_nothing_heavy(subject: Subject) -> None:
    """Whoever names a plugin file, or lists packages, waits for what they import; torch alone costs a second."""
    found = sorted({name for job in _jobs(subject.row) for name in _imports(job)})
    if found:
        raise Failed(f"imports {', '.join(found)} when it is listed")


def _imports(job: dict[str, str]) -> list[str]:
    """Return the heavy packages that the discovery of a plugin file, or of a package's entry point, asks for."""
    paths = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-c", _LISTING, json.dumps([job, _HEAVY])],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["?"])[-1]
        raise Failed(f"cannot be listed without other packages ({last})")
    return list(json.loads(done.stdout.splitlines()[-1]))


def _jobs(row: Row) -> list[dict[str, str]]:
    if row.file is not None:
        return [{"file": str(row.file)}]
    return [origin for origin in _installed() if origin["package"] == row.package]


@cache
def _installed() -> list[dict[str, str]]:
    return list(origins())


@rule(expects="game.device, or the device of the tensors that it is given")
def names_no_device(subject: Subject) -> None:
    """A device written into the code works on its author's machine alone. Reads the source of the plugin's module."""
    module = inspect.getmodule(load(subject.row))
    if module is None or not module.__file__:
        return
    source = Path(module.__file__).read_text(encoding="utf-8")
    for line, text in _devices(ast.parse(source)):
        raise Failed(f"names a device of its own, {text}, in line {line} of {Path(module.__file__).name}")


def _devices(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the places where a device is chosen: ``.cuda()``, ``.to("cuda:0")``, ``device="cpu"``, ``torch.device("mps")``."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name == "cuda":
            yield node.lineno, ".cuda()"
        given = [keyword.value for keyword in node.keywords if keyword.arg == "device"]
        if name in ("to", "device", "set_default_device"):
            given += node.args[:1]
        for value in given:
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and _is_device(value.value):
                yield node.lineno, repr(value.value)


def _is_device(text: str) -> bool:
    return text.partition(":")[0] in ("cuda", "cpu", "mps", "xpu")
