"""What a run looks like: counts, queries, accuracy, time left."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from benchbox.contracts import Access
from benchbox.displays import choose, in_notebook
from benchbox.displays.closing import closing
from benchbox.displays.jsonl import JsonLines
from benchbox.displays.live import Live
from benchbox.displays.notebook import Notebook
from benchbox.displays.plain import Plain
from benchbox.displays.tally import Tally, duration
from benchbox.execution import (
    CellElsewhere,
    CellFinished,
    CellOutput,
    CellProgress,
    CellStarted,
    Event,
    Failure,
    RunFinished,
    RunStarted,
    Summary,
)
from benchbox.records import CellResult, LedgerRow, Measurement, Status
from benchbox.suites import Cell, Planned, PluginRef, Scenario, TargetRef


def item(label: str, seed: int) -> Planned:
    def ref(kind: str, name: str) -> PluginRef:
        return PluginRef(kind=kind, name=name, version=1, spec=name, options={})

    scenario = Scenario(
        dataset="digits",
        dataset_hash="0",
        target=TargetRef(name="t", sha256="0"),
        substitute=ref("model", "lenet5"),
        access=Access.LABEL,
        pool=None,
        budgets=(100,),
    )
    cell = Cell(scenario=scenario, method=ref("selector", label), seed=seed)
    return Planned(cell, "trial", "digits", "real data", label, seed, 0, "benchbox", "0", None)


def ended(planned: Planned, status: Status = Status.DONE, error: str = "") -> CellResult:
    assert planned.cell is not None
    ledger = [LedgerRow(budget, "chosen", budget, 0, "") for budget in (50, 100)]  # from the start up to each point
    ledger.append(LedgerRow(100, "scoring", 360, 0, ""))
    return CellResult(
        planned.cell.id, status, [Measurement("accuracy", "", 100, 100, 0.913, 360)], ledger=ledger, error=error
    )


RANDOM = [item("random", seed) for seed in range(3)]
FAILED = item("drmi[alpha=0.5]", 0)
SUMMARY = Summary(1, 0, 2, 1, (Failure(FAILED, Status.FAILED, "ValueError: no"),), 0, 0, 95.0)
EVENTS: list[Event] = [
    RunStarted((*RANDOM, FAILED), 2, 2),
    CellStarted(RANDOM[0]),
    CellStarted(FAILED),
    CellProgress(FAILED, 40, 100, 0.5),
    CellFinished(RANDOM[0], ended(RANDOM[0]), 10.0),
    CellFinished(FAILED, ended(FAILED, Status.FAILED, "ValueError: no\nand more"), 30.0),
    CellElsewhere(RANDOM[2], None),
    CellElsewhere(RANDOM[2], Status.DONE),
    CellStarted(RANDOM[1]),
    CellProgress(RANDOM[1], 60, 100, 0.95),
]


def test_the_tally_counts_cells_queries_and_the_best_accuracy() -> None:
    tally = Tally()
    for event in EVENTS:
        tally.note(event)
    row = tally.row(RANDOM[0])
    assert (tally.total, tally.ended, tally.already) == (4, 3, 2)
    assert (row.total, row.ended, row.bad, len(row.running)) == (3, 2, 0, 1)
    assert row.queries == 160
    assert row.best == 0.95
    assert tally.row(FAILED).bad == 1
    left = tally.seconds_left()
    assert left is not None
    assert 0 < left <= 5.0


def test_plain_lines_tell_each_end_once_in_one_line() -> None:
    stream = io.StringIO()
    display = Plain(stream, "results.db")
    for event in [*EVENTS, RunFinished(SUMMARY)]:
        display.show(event)
    text = stream.getvalue()
    assert "[1/4] done: random on digits, real data, seed 0: accuracy 91.3% at 100 queries (10 s)" in text
    assert "failed: drmi[alpha=0.5] on digits, real data, seed 0" in text
    assert "and more" not in text
    assert "is running in another run" in text
    assert "\x1b" not in text


def test_the_live_table_shows_every_method_literally() -> None:
    console = Console(file=io.StringIO(), width=140, force_terminal=True, color_system=None)
    display = Live("results.db", console)
    for event in EVENTS:
        display.show(event)
    display.show(RunFinished(SUMMARY))
    display.close()
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "drmi[alpha=0.5]" in text
    assert "3 of 4 cells, 2 done before, 0 s, about" in text
    assert "95.0%" in text
    assert "results: results.db" in text


def test_the_live_table_moves_while_the_first_cell_has_said_nothing_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("benchbox.displays.tally.time.monotonic", lambda: clock[0])
    display = Live("results.db", Console(file=io.StringIO()))
    for event in EVENTS[:2]:
        display._tally.note(event)
    titles = []
    for clock[0] in (1000.0, 1000.25, 1012.0):
        titles.append(str(display.table().title))
    assert len(set(titles)) == 3
    assert titles[-1].endswith("0 of 4 cells, 2 done before, 12 s")


@pytest.mark.parametrize("width", [40, 60, 80, 140])
def test_no_word_of_the_live_table_is_split(width: int) -> None:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    display = Live("results.db", console)
    for event in EVENTS:
        display._tally.note(event)
    console.print(display.table())
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert max(map(len, text.splitlines())) <= width
    assert {"drmi[alpha=0.5]", "method", "done", "best", "accuracy", "95.0%"} <= set(text.split())


HOSTILE = "a\x1b[2Jb\rc\x07\u202e"


def hostile_events() -> list[Event]:
    planned = item("random", 0)
    failure = Failure(planned, Status.FAILED, HOSTILE)
    return [
        RunStarted((planned,), 0, 1),
        CellStarted(planned),
        CellOutput(planned, HOSTILE),
        CellFinished(planned, ended(planned, Status.FAILED, HOSTILE), 1.0),
        RunFinished(Summary(0, 0, 0, 0, (failure,), 0, 0, 1.0)),
    ]


def test_control_characters_of_plugins_reach_no_display() -> None:
    lines, screen = io.StringIO(), io.StringIO()
    pages = FakePages()
    shown = (
        Plain(lines, "results.db"),
        Live("results.db", Console(file=screen, color_system=None)),
        Notebook(pages, "results.db"),
        JsonLines(lines),
    )
    for display in shown:
        for event in hostile_events():
            display.show(event)
        display.close()
    text = lines.getvalue() + screen.getvalue() + "".join(pages.drawn)
    assert "[2Jb" in text
    assert not set(text) & set("\x1b\r\x07\u202e")


class FakePages:
    """What a display in a notebook asks of ``IPython.display``."""

    def __init__(self) -> None:
        self.drawn: list[str] = []

    def display(self, data: dict[str, str], *, raw: bool, display_id: bool) -> FakePages:
        assert raw
        assert display_id
        assert not self.drawn, "a second table would stand under the first"
        self.drawn.append(data["text/plain"])
        return self

    def update(self, data: dict[str, str], *, raw: bool) -> None:
        assert raw
        self.drawn.append(data["text/plain"])


def test_a_notebook_gets_one_table_that_is_redrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = FakePages()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=1)))
    monkeypatch.setitem(sys.modules, "IPython.display", pages)
    monkeypatch.setattr("benchbox.displays.notebook.EVERY", 0)
    display = in_notebook("results.db")
    assert display is not None
    for event in [*EVENTS, RunFinished(SUMMARY)]:
        display.show(event)
    assert len(pages.drawn) > 3
    assert "drmi[alpha=0.5]" in pages.drawn[0]
    assert "3 of 4 cells" in pages.drawn[-1]
    assert pages.drawn[-1].endswith("results: results.db")


def test_where_there_is_no_notebook_a_script_shows_nothing_unless_asked() -> None:
    assert in_notebook("results.db") is None
    assert isinstance(choose(json=False, where="results.db"), Plain)


@pytest.mark.parametrize(("term", "kind"), [("xterm", Live), ("dumb", Plain)])
def test_a_terminal_that_cannot_redraw_gets_lines(
    monkeypatch: pytest.MonkeyPatch, term: str, kind: type[object]
) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert isinstance(choose(json=False, where="results.db"), kind)


def test_json_lines_are_one_object_an_event() -> None:
    stream = io.StringIO()
    display = JsonLines(stream)
    for event in [*EVENTS, RunFinished(SUMMARY)]:
        display.show(event)
    found = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [entry["event"] for entry in found][-1] == "run-finished"
    assert len(found) == len(EVENTS) + 1
    assert found[4]["accuracy"] == {"100": 0.913}
    assert found[-1]["failures"][0]["method"] == "drmi[alpha=0.5]"


def test_the_closing_lines_count_and_name_what_failed() -> None:
    lines = list(closing(SUMMARY, str(Path("results.db"))))
    assert FAILED.cell is not None
    assert lines[0] == "1 cell done, 1 done by another run, 1 failed, 2 done before (1 min 35 s)"
    assert lines[1].endswith(f"ValueError: no (benchbox show {FAILED.cell.id})")
    assert lines[-1] == "results: results.db"


def test_a_failure_that_the_store_did_not_keep_is_told_whole_and_does_not_lead_to_the_other_result() -> None:
    unkept = replace(ended(FAILED, Status.FAILED, "no"), traceback="Traceback:\n  line 3")
    failure = Failure(FAILED, Status.FAILED, "ValueError: no", unkept=unkept)
    summary = replace(SUMMARY, failures=(failure,))
    line, *trace = list(closing(summary, "results.db"))[1:-1]
    assert line.endswith("ValueError: no (the store keeps the done result of before)")
    assert [text.strip() for text in trace] == ["Traceback:", "line 3"]
    stream = io.StringIO()
    JsonLines(stream).show(RunFinished(summary))
    assert json.loads(stream.getvalue())["failures"][0]["traceback"] == unkept.traceback


def test_what_failed_before_is_not_called_done_on_any_display() -> None:
    begin = RunStarted((), 1, 1, failed_before=1)
    failure = Failure(FAILED, Status.FAILED, "failed before; --retry-failed runs it again", before=True)
    summary = Summary(0, 0, 1, 0, (failure,), 0, 0, 0.0)
    lines, screen, pages = io.StringIO(), Console(file=io.StringIO(), width=140, color_system=None), FakePages()
    live = Live("results.db", screen)
    for display in (Plain(lines, "results.db"), live, Notebook(pages, "results.db")):
        for event in (begin, RunFinished(summary)):
            display.show(event)
    assert lines.getvalue().startswith(
        "0 cells to run, 1 done before, 1 failed before; --retry-failed runs failed ones"
    )
    assert str(live.table().title).endswith("0 of 0 cells, 1 done before, 1 failed before, 0 s")
    assert "1 failed before" in pages.drawn[0]
    for text in (lines.getvalue(), screen.file.getvalue(), pages.drawn[-1]):  # type: ignore[attr-defined]
        assert "nothing to run: 1 done before, 1 failed before" in text
    stream = io.StringIO()
    JsonLines(stream).show(begin)
    assert json.loads(stream.getvalue()) == {
        "event": "run-started",
        "to_run": 0,
        "already": 1,
        "failed_before": 1,
        "jobs": 1,
    }


def test_durations_are_for_people() -> None:
    assert [duration(s) for s in (0.2, 59, 61, 3599, 7500)] == ["0 s", "59 s", "1 min 1 s", "59 min 59 s", "2 h 5 min"]


@pytest.mark.parametrize(("here", "kind"), [(False, Live), (True, Plain)])
def test_no_table_is_drawn_over_a_debuggers_prompt(here: bool, kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert isinstance(choose(json=False, where="results.db", here=here), kind)
