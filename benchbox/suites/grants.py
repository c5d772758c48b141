"""What a scenario grants to a line-up, and who trains in it."""

from __future__ import annotations

from collections.abc import Iterable

from benchbox.contracts import Grant
from benchbox.errors import SuiteError
from benchbox.registry import Catalogue, Resolved
from benchbox.suites.suite import ScenarioTable


def trainer_of(plugin: Resolved, own: str, usual: Resolved, catalogue: Catalogue, where: str) -> Resolved | None:
    """Return who makes the method's substitutes, ``own`` or the scenario's usual trainer; None where it makes them itself.

    Raises:
        SuiteError: it makes its own, and is paired with a trainer.
    """
    if plugin.trains:
        return catalogue.resolve("trainer", own, where) if own else usual
    if own:
        raise SuiteError(f"{where}: {plugin.row.who} makes its own substitutes, so no trainer can be paired with it")
    return None


_LACKS = {
    Grant.INSIDER: "asks for more than a black box gives; the scenario grants no insider's view",
    Grant.LABELS: "uses the attacker's own labels; the scenario grants none (pool = { labels = true } would)",
    Grant.UNLABELLED: "learns from unlabelled images; the scenario grants none (pool = { unlabelled = true } would)",
    Grant.SUBSTITUTE: "starts from a substitute; the scenario grants none (prior = { method = 'random', budget = 150 } would)",
}


def granted(line_up: Iterable[Resolved | None], table: ScenarioTable) -> tuple[set[Grant], str]:
    """Return what of the scenario's grants the line-up uses, and why it cannot play, if so."""
    grants = {Grant.INSIDER} if table.insider else set()
    if table.prior is not None or table.surrogates:
        grants.add(Grant.SUBSTITUTE)
    if table.pool is not None:
        grants |= {grant for grant in (Grant.LABELS, Grant.UNLABELLED) if getattr(table.pool, grant)}
    used: set[Grant] = set()
    for plugin in filter(None, line_up):
        name = plugin.row.name
        if plugin.targeted is False and table.goal != "untargeted":
            return set(), f"{name} searches any other class than the true one; the scenario's goal is '{table.goal}'"
        if not table.access.form.covers(plugin.needs):
            reason = f"{name} needs {plugin.needs.value}; the scenario answers with the {table.access} only"
            return set(), reason
        for wanted in plugin.wants:
            if wanted not in grants:
                return set(), f"{name} {_LACKS[wanted]}"
        used.update(plugin.wants)
    return used, ""
