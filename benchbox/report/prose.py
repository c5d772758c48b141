"""Templates that escape everything, of the HTML page and of the plots; what pages say around their tables.

``docs/leaderboard.md`` says the same at length; keep them in step.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"


def fill(template: str, **values: Any) -> Markup:
    """Return a template with its values, all escaped but what is markup already."""
    from markupsafe import Markup

    return Markup(templates().get_template(template).render(**values))


@cache
def templates() -> Environment:
    """Return the templates, to which ``html`` adds filters of its own."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"zip": zip, "enumerate": enumerate}
    return made


LINKS = """\
[All leaderboards](../README.md) · [How to read this page](../reading.md)"""

UNFINISHED = """\
`benchbox show CELL` tells all that is known of a cell. *missing*: not run yet. *interrupted*: its process was lost, and
the same command runs it again. *failed*: it raised. *not applicable*: it needs what the scenario does not grant.
*superseded*: it was scored by rules that no longer hold, and the same command runs it again."""

INCOMPLETE = """\
What methods that lack results come to, over the seeds that they have. The means above are over all seeds; do not hold
these against them."""

LEDGER = """\
As the oracle's meter counted them, up to the substitute that was scored at each budget; a range where seeds
differ. Scoring and the adversarial examples cost the method nothing."""

INDEX = """\
Which method copies a classifier best for the queries it may ask?"""

FIRST = """\
Who is first in {}, at how many queries, by mean accuracy over seeds. *leads*: told from all others. A rank takes two methods
and five replicates, each with a target of its own unless the suite names one."""

BUDGETS = """\
The tables leave out budgets between others; what a suite finds counts all."""

DEFENCES = """\
What each attacker reached, and in brackets how many points that is more or less than without a defence, where the same
replicates played both: the difference of two means, untested. Tested is the mean over attackers alone, in what the suite
finds. The table below says what an honest client of 1,000 test images is told: *right*, the true class; *changed*, another
class than the target's, or none; *off in confidence*, how far confidence lies from accuracy; *moved*, the probability that went
to other classes; and the query of the first alarm."""

RUNGS = """\
What each attacker reached by what an answer holds, and in brackets how many points that is more or less than with whole
probabilities, where the same replicates played both: the difference of two means, untested. Tested is the mean over attackers
alone, in what the suite finds."""

HEADLINES = """\
*first*: the best mean accuracy, or share of examples that query attacks solve, on test images that no method has seen, at the
smallest and the largest budget of a scenario; *first with*: of equal means. *told*: whether it leads, or from whom the data do
not tell it. *over the plainest*: points ahead of the first method of the suite file. *the paper prints*: its figure for the
first at that budget, and the difference of what was measured here."""


@cache
def reading() -> str:
    """Return how to read the pages, in Markdown."""
    return (TEMPLATES / "reading.md").read_text(encoding="utf-8")
