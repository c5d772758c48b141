"""One match: the method's games in their order, the score of every substitute at its budget point, then the attacks on them.

The parts are ready and the players stand behind a line; where either came from is not known here. So the referee's process, a
notebook and the conformance kit all play this.
"""

from __future__ import annotations

from benchbox.match.generating import play_generator
from benchbox.match.parts import Parts
from benchbox.match.players.players import Players
from benchbox.match.searching import play_query_attack
from benchbox.match.selecting import play_selector
from benchbox.match.table import Table, Watch
from benchbox.records import CellResult
from benchbox.seeds import reseed, stream_seed
from benchbox.target.network import check_logits

_GAMES = {"selector": play_selector, "generator": play_generator, "query-attack": play_query_attack}


def play_match(parts: Parts, players: Players, watch: Watch, result: CellResult) -> None:
    """Let the method play, and score what it offers into ``result``.

    Raises:
        NotApplicable: the method cannot play under these rules.
        BenchboxError: a contestant broke a rule, or failed.
    """
    reseed(stream_seed(parts.seed, "global"))
    table = Table(parts, players, watch, result)
    # a model that is none for these images ends the cell before a query is paid
    check_logits(parts.model.name, table.fresh, parts.shape, parts.classes)
    _GAMES[parts.contestant.kind](table)
    table.attack()
    table.measure_defence()
    result.diagnostics, result.pictures = table.notes.diagnostics, list(table.notes.pictures.values())
    result.timings["score"] = table.scoring
    result.timings["method"] = table.seconds - table.scoring
