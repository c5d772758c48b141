"""Every method's line in every scenario, as one flat table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchbox.report import tables
from benchbox.report.html.grids import Chip, marks, state_chips
from benchbox.report.html.kept import Enrolled
from benchbox.report.html.routes import method_route, suite_route
from benchbox.report.page import PageView
from benchbox.report.views import ScenarioView, Summary


@dataclass(frozen=True)
class ResultRow:
    """A line of the flat table; ``state`` says why it has no rank, ``marks`` stand behind the name."""

    suite: str
    dataset: str
    scenario: str
    scenario_route: str
    access: str
    label: str
    method: str
    method_route: str
    kind: str
    trainer: str
    privileged: bool
    rank: str
    state: tuple[Chip, ...]
    marks: tuple[Chip, ...]
    leads: bool
    area: str
    accuracy: str
    word: str
    budget: str
    seeds: int
    sealed: str


def result_rows(pages: Sequence[PageView], enrolled: Mapping[tuple[str, str, str], Enrolled]) -> Iterator[ResultRow]:
    """Yield the lines of all scenarios, in the order of the pages.

    Args:
        pages: of the store.
        enrolled: their scenarios' cells by suite, data set and scenario.
    """
    for page in pages:
        for view in page.scenarios:
            methods = enrolled[page.suite, page.dataset, view.name].methods
            yield from (_row(page, view, line, methods) for line in view.summaries)


def _row(page: PageView, view: ScenarioView, line: Summary, methods: Mapping[str, str]) -> ResultRow:
    standing = line.standing
    wanted = len(standing.wanted)
    plugin = methods.get(standing.label, standing.label)
    return ResultRow(
        suite=page.suite,
        dataset=page.dataset,
        scenario=view.name,
        scenario_route=suite_route(page.suite, page.dataset, view.name),
        access=view.access,
        label=standing.label,
        method=plugin,
        method_route=method_route(plugin),
        kind=standing.kind,
        trainer=standing.trainer,
        privileged=standing.privileged,
        rank=tables.place(line),
        state=() if line.place else state_chips(tables.place(line), standing),
        marks=marks(standing, barred=tables.place(line) == standing.mark),
        leads=line.place is not None and line.place.rank == 1,
        area=tables.figure(line.area, wanted),
        accuracy=tables.figure(line.last, wanted),
        word=view.word,
        budget=f"{view.budgets[-1]:,}" if view.budgets else "–",
        seeds=len(standing.seeds),
        sealed=standing.sealed,
    )
