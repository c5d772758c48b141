"""What a child of the helper process does before it ends: import, and say in JSON data what it found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchbox.errors import BenchboxError, PluginError, as_data, described
from benchbox.registry.collect import collect_file, collect_point
from benchbox.registry.loading import about_here, resolve_here
from benchbox.registry.row import Row
from benchbox.registry.spec import Spec

Job = dict[str, Any]
"""A task's name under ``task``, and its arguments. One job is one child, so it concerns one distribution or file alone."""

ENDED = "it ended while it was imported (sys.exit or os._exit)"


def perform(job: Job) -> dict[str, Any]:
    """Do a job; whatever goes wrong comes back as ``error`` with its arguments, or as a ``failure`` in words."""
    try:
        return {"found": _TASKS[job["task"]](job)}
    except BenchboxError as error:
        return as_data(error)
    except SystemExit:
        return {"failure": ENDED}
    except BaseException as error:  # a stranger's code may raise anything
        return {"failure": described(error)}


def _point(job: Job) -> Any:
    return collect_point(job["value"], job["package"])


def _file(job: Job) -> Any:
    return collect_file(Path(job["file"]))


def _resolve(job: Job) -> list[dict[str, Any]]:
    return [_each(_facts, asked) for asked in job["asked"]]


def _about(job: Job) -> list[dict[str, Any]]:
    return [_each(_page, asked) for asked in job["asked"]]


def _facts(row: Row, asked: Job) -> dict[str, Any]:
    found = resolve_here(row, Spec.parse(asked["text"], asked["where"]), asked["where"])
    return found.model_dump(mode="json", exclude={"row"})


def _page(row: Row, asked: Job) -> dict[str, Any]:
    return about_here(row).model_dump(mode="json")


def _each(task: Callable[[Row, Job], dict[str, Any]], asked: Job) -> dict[str, Any]:
    """Answer one question of several about a package, so that one that fails leaves the others their answers."""
    row = Row.model_validate(asked["row"])
    try:
        return {"found": task(row, asked)}
    except BenchboxError as error:
        return as_data(error)
    except Exception as error:  # options, too, are a stranger's code
        return as_data(PluginError(f"{row.who} of package '{row.package}' failed: {described(error)}"))


_TASKS: dict[str, Callable[[Job], Any]] = {"point": _point, "file": _file, "resolve": _resolve, "about": _about}
