"""Discovery: what the installed packages and the plugin files register, each asked in a child of the helper process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from benchbox import distribution
from benchbox.errors import PluginError, from_data
from benchbox.registry.client import Answer, Helper, failure_of
from benchbox.registry.printable import cleaned, first_of, line
from benchbox.registry.remembered import Remembered
from benchbox.registry.row import Broken, Row, Stated
from benchbox.registry.source import is_ours, roots_of


class Found(BaseModel):
    """All that was found: plain data.

    Attributes:
        rows: the plugins.
        broken: packages that could not be loaded.
        suite_folders, target_folders: what the packages brought.
        files: the plugin files, resolved.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    rows: tuple[Row, ...] = ()
    broken: tuple[Broken, ...] = ()
    suite_folders: tuple[Path, ...] = ()
    target_folders: tuple[Path, ...] = ()
    files: tuple[Path, ...] = ()


def _folder(value: object) -> object:
    if isinstance(value, str) and not value.isprintable():
        raise ValueError("is no path")
    return value


Folder = Annotated[Path, BeforeValidator(_folder)]


class _Report(BaseModel):
    """What a child reports; see ``benchbox.registry.collect.Report``."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    plugins: tuple[Stated, ...]
    suites: tuple[Folder, ...]
    targets: tuple[Folder, ...]


class _Gathering:
    """What was found so far."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.broken: list[Broken] = []
        self.suites: list[Path] = []
        self.targets: list[Path] = []
        self._roots: dict[str, tuple[Path, ...]] = {}

    def installed(self, origin: dict[str, str], answer: Answer) -> None:
        """Take what a distribution's entry point registered, or the row that says why it did not."""
        package, version = line(origin["package"]), line(origin["version"])
        try:
            report = _read(answer, "")
        except PluginError as error:
            self.broken.append(Broken(package, version, str(error)))
            return
        for stated in report.plugins:
            roots = self._where(origin["value"], stated.target)
            builtin = is_ours(package, roots)
            known = distribution.version() if builtin else version
            more = {"package": package, "package_version": known, "roots": roots, "builtin": builtin}
            self.rows.append(_row(stated, more))
        self.suites += report.suites
        # A target is found by how it was made, and the first is taken: a stranger's may add to ours, and replace none.
        ours = any(row.builtin and row.package == package for row in self.rows)
        at = 0 if ours else len(self.targets)
        self.targets[at:at] = report.targets

    def from_file(self, path: Path, answer: Answer) -> None:
        """Take what a plugin file holds.

        Raises:
            PluginError: it could not be loaded.
        """
        report = _read(answer, f"plugin file '{path}' failed to load: ")
        whole = path.resolve()
        more = {"package": str(path), "package_version": "", "file": whole, "roots": (whole,)}
        self.rows += [_row(stated, more) for stated in report.plugins]
        self.suites += report.suites
        self.targets += report.targets

    def roots(self, origin: dict[str, str]) -> tuple[Path, ...]:
        """Return the packages that an entry point's module is in."""
        return self._where(origin["value"], "")

    def _where(self, value: str, target: str) -> tuple[Path, ...]:
        """Return the packages that an entry point and a class are in; looked up once each, for 200 packages take a while."""
        found: list[Path] = []
        for module in (value.partition(":")[0].strip(), target.rpartition(":")[0]):
            top = module.partition(".")[0]
            if top not in self._roots:
                self._roots[top] = roots_of([top]) if top else ()
            found += self._roots[top]
        return tuple(dict.fromkeys(found))


def discover(helper: Helper, files: Sequence[Path], blocked: set[str]) -> Found:
    """Ask every package, and every file.

    Raises:
        PluginError: a plugin file cannot be loaded.
    """
    for path in files:
        if not path.is_file():
            raise PluginError(f"plugin file '{path}' {'is a folder' if path.is_dir() else 'does not exist'}")
    every = sorted(helper.origins(), key=lambda origin: (origin["package"], origin["point"]))
    origins = [origin for origin in every if origin["package"] not in blocked]
    gathered, remembered = _Gathering(), Remembered()
    keys = [remembered.key(origin, gathered.roots(origin)) for origin in origins]
    known: list[Answer | None] = [None if key is None else remembered.get(key) for key in keys]
    missing = [number for number, answer in enumerate(known) if answer is None]
    jobs: list[dict[str, Any]] = [{"task": "point", "about": origins[n]["package"], **origins[n]} for n in missing]
    jobs += [{"task": "file", "about": str(path.resolve()), "file": str(path.resolve())} for path in files]
    answers = helper.run(jobs)
    for number, fresh in zip(missing, answers, strict=False):
        known[number] = fresh
        if (key := keys[number]) is not None:
            remembered.put(key, fresh)
    remembered.save()
    for origin, found in zip(origins, known, strict=True):
        gathered.installed(origin, found or {})
    for path, answer in zip(files, answers[len(missing) :], strict=True):
        gathered.from_file(path, answer)
    return Found.model_construct(
        rows=tuple(gathered.rows),
        broken=tuple(gathered.broken),
        suite_folders=tuple(gathered.suites),
        target_folders=tuple(gathered.targets),
        files=tuple(path.resolve() for path in files),
    )


def _row(stated: Stated, more: dict[str, Any]) -> Row:
    return Row.model_construct(**stated.__dict__, **more)  # its parts were checked a moment ago


def _read(answer: Answer, failed: str) -> _Report:
    """Return a child's report, checked.

    Raises:
        PluginError: there is none, or it says what cannot be.
    """
    if "error" in answer:
        raise PluginError(str(from_data(cleaned(answer))))
    if "found" not in answer:
        raise PluginError(failed + failure_of(answer))
    try:
        return _Report.model_validate(answer["found"])
    except ValidationError as error:
        raise PluginError(f"{failed}it registers what is no plugin: {line(first_of(error))}") from None
