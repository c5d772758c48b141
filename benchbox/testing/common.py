"""Rules about every plugin: what it says of itself, how it is listed, how it travels to a worker."""

from __future__ import annotations

import ast
import inspect
import json
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

from benchbox.registry import Spec
from benchbox.registry.registry import GROUP
from benchbox.testing.rule import Failed, Subject, rule

_HEAVY = ("torch", "art", "sklearn", "numba", "tensorflow", "jax")
_LISTING = """
import json, pathlib, sys
files, package, heavy = json.loads(sys.argv[1])
asked = []

class Noticing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in heavy:
            asked.append(name.partition(".")[0])
            raise ImportError(name)

sys.meta_path.insert(0, Noticing())
from benchbox.registry import Registry
entries = []
try:
    entries = Registry.discover([pathlib.Path(file) for file in files]).entries()
except Exception:
    if not asked:
        raise
at_once, found = sorted(set(asked)), {}
for entry in entries:
    if entry.package == package:
        asked.clear()
        try:
            entry.import_class()
        except Exception:
            pass
        found[entry.kind + " " + entry.name] = sorted(set(asked))
print(json.dumps([at_once, found]))
"""
"""Lists a package's plugins, and imports their classes, where each heavy import is refused and noticed."""


@rule(expects="lower-case words joined by hyphens")
def name_is_easy_to_type(subject: Subject) -> None:
    """Users type the name on the command line and in suite files."""
    if not re.fullmatch(r"[a-z0-9]+([-.][a-z0-9]+)*", subject.entry.name):
        raise Failed("has a name that is hard to type")


@rule(expects="a class docstring of its own whose first line is a sentence that ends with a full stop")
def docs_say_what_it_is(subject: Subject) -> None:
    """The docstring's first line is what listings show; the rest is the documentation."""
    plugin = subject.entry.import_class()
    if not plugin.__doc__:
        raise Failed("has no docstring")
    if not plugin.summary().endswith("."):
        raise Failed(f"begins its docstring with '{plugin.summary()}'")


@rule(expects="Field(description=...) for every option, and profiles and defaults that its own options take")
def options_are_described(subject: Subject) -> None:
    """Options are documented where they are declared; a default or profile that is refused would be found by users."""
    plugin = subject.entry.import_class()
    for name, field in plugin.Options.model_fields.items():
        if not field.description:
            raise Failed(f"does not describe its option '{name}'")
        if field.is_required() and name != plugin.argument:
            raise Failed(f"has no default for its option '{name}'")
    for profile in plugin.profiles:
        subject.entry.options(Spec(subject.entry.name, {"profile": profile}))


@rule(expects="an object that pickles with its options, so that it can run in a worker process")
def pickles(subject: Subject) -> None:
    """Workers are other processes."""
    plugin = subject.plugin()
    try:
        again = pickle.loads(pickle.dumps(plugin))
    except Exception as error:
        raise Failed(f"cannot be pickled ({type(error).__name__}: {error})") from error
    if again.options != plugin.options:
        raise Failed("comes back from pickling with other options")


@rule(expects="heavy imports inside the methods that need them, or benchbox.contracts.Lazy")
def listing_imports_nothing_heavy(subject: Subject) -> None:
    """``benchbox plugins`` and ``--help`` wait for every plugin; torch alone costs a second."""
    entry = subject.entry
    at_once, by_plugin = _imports(entry.package, subject.files)
    found = at_once or by_plugin.get(f"{entry.kind} {entry.name}", [])
    if found:
        raise Failed(f"imports {', '.join(found)} when it is listed")


@cache
def _imports(package: str, files: tuple[Path, ...]) -> tuple[list[str], dict[str, list[str]]]:
    """Return what a package's discovery asks for, and what each of its plugins' modules does."""
    others = {point.dist.name for point in entry_points(group=GROUP) if point.dist} - {package}
    blocked = ",".join([os.environ.get("BENCHBOX_BLOCK", ""), *others])
    paths = os.pathsep.join(path for path in sys.path if path)
    environment = {**os.environ, "BENCHBOX_BLOCK": blocked, "PYTHONPATH": paths}
    argument = json.dumps([[str(path) for path in files], package, _HEAVY])
    command = [sys.executable, "-c", _LISTING, argument]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["?"])[-1]
        raise Failed(f"cannot be listed without other packages ({last})")
    at_once, by_plugin = json.loads(done.stdout.splitlines()[-1])
    return at_once, by_plugin


@rule(expects="game.device, or the device of the tensors that it is given")
def names_no_device(subject: Subject) -> None:
    """A device written into the code works on its author's machine alone. Reads the source of the plugin's module."""
    module = inspect.getmodule(subject.entry.import_class())
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
