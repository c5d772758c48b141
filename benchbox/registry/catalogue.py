"""The catalogue: every plugin by kind and name, as plain data. It imports none; a process of its own does."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from benchbox.contracts import Plugin
from benchbox.errors import BenchboxError, PluginError, UnknownNameError, from_data, nearest
from benchbox.kinds import BY_NAME, KINDS, METHOD, METHODS, in_namespace
from benchbox.registry.client import Answer, Helper, failure_of
from benchbox.registry.discovery import Found, discover
from benchbox.registry.printable import cleaned, first_of, line
from benchbox.registry.row import About, Facts, Resolved, Row
from benchbox.registry.spec import Spec

Data = TypeVar("Data", bound=BaseModel)


class Catalogue:
    """What is installed, by kind and name.

    Attributes:
        broken: packages that could not be loaded.
        suite_folders, target_folders: what the packages brought.
        files: the plugin files.
    """

    def __init__(self, found: Found | None = None) -> None:
        found = found or Found.model_construct()
        self.broken = list(found.broken)
        self.suite_folders = list(found.suite_folders)
        self.target_folders = list(found.target_folders)
        self.files = found.files
        self._rows: dict[tuple[str, str], Row] = {}
        self._resolved: dict[tuple[str, str], Resolved] = {}
        self._helper = Helper(found.files)
        for row in found.rows:
            self._take(row)

    @classmethod
    def discover(
        cls, files: Sequence[Path] = (), classes: Sequence[type[Plugin]] = (), hidden: Iterable[Path] = ()
    ) -> Catalogue:
        """List every entry point of the group ``benchbox``, each imported on its own, then the plugin files and classes.

        ``BENCHBOX_BLOCK`` (comma-separated distribution names) leaves packages out.

        Args:
            files: plugin files.
            classes: plugin classes of this process.
            hidden: what no plugin may see while it is imported, such as a data folder.

        Raises:
            PluginError: two plugins have one name, a plugin file cannot be loaded, or a class is no plugin.
        """
        helper = Helper(files)
        helper.hide(hidden)
        blocked = {name.strip() for name in os.environ.get("BENCHBOX_BLOCK", "").split(",")}
        catalogue = cls(discover(helper, files, blocked))
        helper.hide(catalogue.target_folders)  # an option's default would carry weights into a game
        catalogue._helper = helper  # it stays: what is resolved next is answered by a fork of it
        if classes:
            from benchbox.registry.defined import row_of

            for plugin in classes:
                catalogue._take(row_of(plugin))
        return catalogue

    @classmethod
    def from_json(cls, text: str) -> Catalogue:
        """Return the catalogue that ``to_json`` wrote, in another process."""
        return cls(Found.model_validate_json(text))

    def to_json(self) -> str:
        """Write it down: all of it is plain data."""
        found = Found.model_construct(
            rows=tuple(self._rows.values()),
            broken=tuple(self.broken),
            suite_folders=tuple(self.suite_folders),
            target_folders=tuple(self.target_folders),
            files=self.files,
        )
        return found.model_dump_json()

    def close(self) -> None:
        """End the helper process; what is asked later starts it again."""
        self._helper.close()

    def entries(self, kind: str | None = None) -> list[Row]:
        """Return the rows, sorted by kind and name."""
        rows = [row for row in self._rows.values() if kind in (None, row.kind)]
        return sorted(rows, key=lambda row: (KINDS.index(row.kind), row.name))

    def get(self, kind: str, name: str, where: str = "") -> Row:
        """Return one row.

        Raises:
            UnknownNameError: there is none; the sentence names the nearest, or the package that failed to load.
        """
        row = self._rows.get((kind, name))
        if row is None:
            raise self._unknown(UnknownNameError(kind, name, [row.name for row in self.entries(kind)], where))
        return row

    def method(self, name: str, where: str = "", also: Sequence[str] = ()) -> Row:
        """Return a selector or generator by name; ``also`` are other names that its absence may be a misspelling of."""
        for kind in METHODS:
            if (kind, name) in self._rows:
                return self._rows[kind, name]
        names = [row.name for row in self.entries() if row.kind in METHODS]
        raise self._unknown(UnknownNameError(METHOD, name, [*names, *also], where))

    def named(self, name: str) -> list[Row]:
        """Return the rows of this name, of whatever kind: at least one.

        Raises:
            UnknownNameError: as ``get`` does.
        """
        rows = self.entries()
        found = [row for row in rows if row.name == name]
        if not found:
            known = {row.name for row in rows}
            instead = nearest(name, known, "'benchbox plugins' lists them")
            if not self.files:
                instead += " (or name its file with --plugin FILE.py)"
            raise self._unknown(UnknownNameError("plugin", name, known, instead=instead))
        return found

    def resolve(self, kind: str, text: str, where: str = "") -> Resolved:
        """Return what ``name[option=value]`` is: every option, what it needs, its threat. Asked of its class, elsewhere.

        Args:
            kind: its kind; ``method`` for a selector or generator.
            text: what a user or a suite wrote.
            where: for the sentence of an error.

        Raises:
            BenchboxError: there is no such plugin or option, a value does not fit, or its class cannot be loaded.
        """
        if (kind, text) not in self._resolved:
            (answer,) = self._ask("resolve", [(self._row(kind, text, where), text, where)])
            self._resolved[kind, text] = self._facts(self._row(kind, text, where), answer)
        return self._resolved[kind, text]

    def prepare(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Resolve several ``(kind, name[option=value])`` at once, a process a package; what fails is left to ``resolve``."""
        asked = []
        for kind, text in dict.fromkeys(wanted):
            if (kind, text) not in self._resolved:
                try:
                    asked.append((kind, text, self._row(kind, text, "")))
                except BenchboxError:
                    continue
        answers = self._ask("resolve", [(row, text, "") for _, text, row in asked])
        for (kind, text, row), answer in zip(asked, answers, strict=True):
            try:
                self._resolved[kind, text] = self._facts(row, answer)
            except BenchboxError:
                continue

    def about(self, rows: Sequence[Row]) -> list[About | None]:
        """Return what the classes of plugins say of themselves; None for one that cannot be loaded."""
        found: list[About | None] = []
        for row, answer in zip(rows, self._ask("about", [(row, row.name, "") for row in rows]), strict=True):
            try:
                found.append(self._read(About, row, answer))
            except BenchboxError:
                found.append(None)
        return found

    def _row(self, kind: str, text: str, where: str) -> Row:
        name = Spec.parse(text, where).name
        return self.method(name, where) if kind == METHOD else self.get(kind, name, where)

    def _ask(self, task: str, asked: Sequence[tuple[Row, str, str]]) -> list[Answer]:
        """Put questions about plugins, those about one package to one process that no other package shares."""
        groups: dict[str, list[int]] = {}
        for number, (row, _, _) in enumerate(asked):
            groups.setdefault(row.once or str(row.file or row.package), []).append(number)
        jobs = [
            {"task": task, "about": about, "asked": [_question(*asked[n]) for n in numbers]}
            for about, numbers in groups.items()
        ]
        answers: dict[int, Answer] = {}
        for numbers, answer in zip(groups.values(), self._run(jobs, {row.once for row, _, _ in asked}), strict=True):
            found = answer.get("found")
            whole = isinstance(found, list) and len(found) == len(numbers)
            answers |= zip(numbers, found if whole else [answer] * len(numbers), strict=True)  # type: ignore[arg-type]
        return [answers[number] for number in range(len(asked))]

    def _run(self, jobs: list[dict[str, Any]], here: set[str]) -> list[Answer]:
        """Have the helper process do jobs, but for those about classes of this process, which it does not have."""
        theirs = [job for job in jobs if job["about"] not in here]
        answers = iter(self._helper.run(theirs) if theirs else [])
        if len(theirs) == len(jobs):
            return list(answers)
        from benchbox.registry.tasks import perform

        return [perform(job) if job["about"] in here else next(answers) for job in jobs]

    def _facts(self, row: Row, answer: Answer) -> Resolved:
        found = self._read(Facts, row, answer)
        return Resolved(row=row, **{name: getattr(found, name) for name in Facts.model_fields})

    def _read(self, model: type[Data], row: Row, answer: Any) -> Data:
        """Return an answer as checked data, or raise the error that it is."""
        if not isinstance(answer, dict):
            answer = {}
        if "error" in answer:
            raise from_data(cleaned(answer))
        try:
            if "found" in answer:
                return model.model_validate(answer["found"])
            said = failure_of(answer) or "its process gave no answer"
        except ValidationError as error:
            said = f"its class says what cannot be: {line(first_of(error))}"
        raise PluginError(f"{row.who} of package '{row.package}' could not be loaded: {said}")

    def _unknown(self, error: UnknownNameError) -> BenchboxError:
        """Return the error with what else has that name, or with the packages that failed to load: it may be one of theirs."""
        for row in self.entries():
            if row.name == error.name:
                kind = BY_NAME[row.kind]
                instead = f"'{row.name}' is {kind.one}: write {kind.written.format(name=row.name)}"
                return UnknownNameError(error.what, error.name, error.known, error.where, instead=instead)
        if not self.broken:
            return error
        packages = ", ".join(f"'{b.package}' ({b.error})" for b in self.broken)
        return PluginError(f"{error} (packages that failed to load: {packages})")

    def _take(self, row: Row) -> None:
        same = [k for k in in_namespace(BY_NAME[row.kind].namespace) if (k, row.name) in self._rows]
        if same:
            other = self._rows[same[0], row.name]
            leave = "uninstall one, or set BENCHBOX_BLOCK to the package to leave out"
            cure = leave if row.file is None else "give yours another name"
            raise PluginError(
                f"two plugins are called {row.who}: one from '{other.package}', one from '{row.package}'; {cure}"
            )
        self._rows[row.kind, row.name] = row


def _question(row: Row, text: str, where: str) -> dict[str, Any]:
    return {"row": row.model_dump(mode="json"), "text": text, "where": where}
