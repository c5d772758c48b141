"""Every cheat ends in a refusal that names plugin and rule, in a failed cell, or in the number that it honestly deserves."""

from __future__ import annotations

import importlib.util
import os
import py_compile
import re
import site
import tempfile
from pathlib import Path

import pytest
from cheats_ground import Ground, accuracy, gained, ground, play, scenario, settled, taught

from benchbox.records import CellResult, Sealed, Status

FILES = [
    f"{name}.py"
    for name in [
        "reading",
        "writing",
        "talking",
        "choosing",
        "taking",
        "teaching",
        "attacking",
        "importing",
        "compiled",
    ]
]
CHANCE = 0.2
"""More than an untrained network guesses, and less than any that learned something."""

HONEST = [
    *(
        "target-by-path",
        "target-anywhere",
        "memory",
        "ptrace",
        "files",
        "zygote",
        "token",
        "digits",
        "store",
        "network",
    ),
    *("forger", "killer", "limiter", "segment", "runner", "nester"),
    *("patcher", "frames", "forker", "locker", "smuggler", "compiled"),
    *("fork-bomb", "memory-bomb", "disk-bomb", "sockets"),
    *("done-early", "nan-note", "vast-weights", "tiny-weights", "lies", "reenters", "later-weights", "nothing-else"),
]
NEEDS_SANDBOX = (
    {"fork-bomb": "Linux bounds no processes of root's; a sandbox is another user's"} if os.getuid() == 0 else {}
)
CHOOSERS = ["keeper", "shared", "daemon"]
"""They choose at random: what they get is what ``random`` would, give or take luck."""

NO_MESSAGE, NOT_THERE = "sent what is no message", "which there is not"
REFUSED = {
    "lookup": "offered weights that are not those of the scenario's network",
    "answers-itself": NOT_THERE,
    "result": NOT_THERE,
    "spent-nothing": "offered a substitute for 0 queries and had asked 20",
    "huge": NO_MESSAGE,
    "overflow": NO_MESSAGE,
    "mapping": NO_MESSAGE,
    "negative": NO_MESSAGE,
    "objects": NO_MESSAGE,
    "long-header": "a header of 4294967295 bytes",
    "deep": NO_MESSAGE,
    "crowd": "200000 tensors; at most",
    "nan-weights": "with NaN or infinity in it",
    "infinite-weights": "with NaN or infinity in it",
    "odd-weights": r"it has besides '\[2J\]0;owned'",
    "no-weights": "sent a malformed offer",
    "notes": "wrote down numbers under over 1000 names",
    "big-note": "sent a malformed note",
    "control-note": "wrote down something under the name",
    "half-note": "wrote down something under the name",
    "core-note": "'chosen', which is the core's own word",
    "long-note": "a header of 60000",
    "many-bad-notes": "wrote down something under the name",
    "wide-picture": "kept a picture of torch.float16 of shape",
    "core-picture": "a name of the core's own",
    "pictures": "kept over 64 pictures",
    "states": "a state to go on from that nobody had asked for",
    "core-phase": "which is the core's own word",
    "odd-phase": "named a phase '<script>",
    "insider": "asked for the insider's view, which this scenario does not grant",
    "forged-failure": r"^generator 'x-forged-failure': selector 'random' cheated \[31m<script>",
    "forged-exception": r"^generator 'x-forged-exception': selector 'random' cheated$",
    "forged-name": r"^generator 'x-forged-name': selector 'random' cheated",
    "heir": "ended its process with exit code 0 in the middle of its game",
    "forged-excuse": "said that it is not applicable .* after it had begun to play",
    "late-excuse": "said that it is not applicable .* after it had begun to play",
    "swallows": "swallowed BudgetExceeded",
    "refused-flag": "went on after the offer with which it let a refusal pass",
    "thousand": r"of shape \(0, 0, 0, 0\) to the oracle",
    "flat": r"of shape \(\) to the oracle",
    "hangs-up": "ended its process with exit code 0 in the middle of its game",
    "seeds": "seeded the global generator of torch",
    "two-choices": "went on after it had chosen",
    "after-choice": "went on after it had chosen",
    "more-rows": "says that it chooses 1000 rows at a budget of 20",
    "negative-rows": "returned row -",
    "same-rows": "rows must differ",
    "spender": "had spent what their answers cost on other images",
    "nested-spender": "and says that it is nested",
    "second-excuse": "said that it is not applicable .* after it had begun to play",
    "changed": "it changed since the run was planned",
    "flip": "asked for the insider's view, which this scenario does not grant",
}
CHOOSING = {"two-choices", "after-choice", "more-rows", "negative-rows", "same-rows", "spender", "nested-spender"}
CHOOSING |= {"second-excuse", "changed", "flip", "excused", *CHOOSERS}
SLOW = ["sleeper", "stopper", "deaf"]
PAIRS = ["locker", "shouter"]
"""Attacks that talk with a method of their author's, which listens: x-locker and x-listener."""
ATTACKS = {
    "others": "left its threat, L-infinity within 0.3: 20 of 20",
    "beyond": "left its threat, L-infinity within 0.3",
    "nothing": "returned images with NaN",
    "outside": r"expected values in \[0, 1\]",
    "few": "expected images of shape",
    "spoils": "left its threat, L-infinity within 0.3",
    "excuse": "said that it is not applicable .* after it had begun to play",
    "leaves": "ended after 0 of 20 images",
    "asks": "sent 'query', which is not its part of the game",
    "everywhere": "within which most images are halfway to one of another class",
    "wide-two": "within which most images are halfway to one of another class",
    "fickle": "left its threat, L-infinity within 0.1: 20 of 20",
}
TEACHERS = ["remembers", "spy"]
TAUGHT = {
    "asks": "sent 'query', which is not its part of the game",
    "peeks": "sent 'peek', which is not its part of the game",
    "skips": "sent weights out of turn",
    "prepares": "sent 'prepared', which is not its part of the game",
    "done": "ended before it had learnt from all its answers",
    "excuse": "said that it is not applicable .* after it had begun to play",
    "infinite": "with NaN or infinity in it",
}

Played = tuple[Ground, dict[str, CellResult]]


@pytest.fixture(scope="session")
def played(sealed: Sealed, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Play all cheats, one run for all but those that never end; honest methods come last and share the run."""
    where = ground(tmp_path_factory.mktemp("ground"))
    _poison(where.plugins)
    names = [*HONEST, *CHOOSERS, *REFUSED, "excused", "printer"]
    left_out = NEEDS_SANDBOX if sealed is Sealed.PROCESS else {}
    asking = [f"x-{name}" for name in names if name not in CHOOSING and name not in left_out]
    choosing = [f"x-{name}" for name in names if name in CHOOSING]
    scenarios = [scenario("no data", "generator", asking), scenario("real data", "selector", [*choosing, "random"])]
    scenarios.append(scenario("taught", "selector", [taught(f"z-{name}") for name in (*TEACHERS, *TAUGHT)]))
    heard = 'attacks = [{ use = "y-locker", images = 20 }]'
    scenarios.append(scenario("y-locker of a trainer", "selector", [taught("z-locker")], heard))
    for name in (*ATTACKS, *PAIRS):
        at, budgets = ("every", "[20, 50, 80]") if name in PAIRS else ("last", "[20]")
        attacks = f'attacks = [{{ use = "y-{name}", images = 20, at = "{at}" }}]'
        method = {"locker": "x-locker", "shouter": "x-listener"}.get(name, "x-nothing-else")
        scenarios.append(scenario(f"y-{name}", "generator", [method], attacks, budgets))
    with settled(where, sealed):
        found = play(where, *scenarios, files=FILES)
        slow = scenario("no data", "generator", [f"x-{name}" for name in SLOW], budgets="[20]")
        found |= play(where, slow, files=["taking.py"], seconds=4, db="slow.db")
    for listener in where.held:
        listener.close()
    return where, found


@pytest.fixture(scope="session")
def random_alone(tmp_path_factory: pytest.TempPathFactory) -> dict[int, float]:
    """Return what ``random`` gets where nobody cheats."""
    where = ground(tmp_path_factory.mktemp("alone"))
    with settled(where, Sealed.PROCESS):
        return accuracy(play(where, scenario("real data", "selector", ["random"]), files=[], jobs=0)["random"])


def _poison(plugins: Path) -> None:
    """Put compiled code that Python believes without a look at its source beside the source of ``helped``."""
    (plugins / "other.py").write_text("GAINED = 1\n")
    cached = importlib.util.cache_from_source(str(plugins / "helped.py"))
    Path(cached).parent.mkdir(exist_ok=True)
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(plugins / "other.py"), cached, doraise=True, invalidation_mode=mode)
    (plugins / "other.py").unlink()


@pytest.mark.parametrize("name", HONEST)
def test_it_gains_nothing(name: str, played: Played, sealed: Sealed) -> None:
    if name in NEEDS_SANDBOX and sealed is not Sealed.SANDBOX:
        pytest.skip(NEEDS_SANDBOX[name])
    cell = played[1][f"x-{name}"]
    assert (cell.status, cell.error) == (Status.DONE, "")
    assert gained(cell) <= 0
    assert max(accuracy(cell).values()) < CHANCE
    assert all(m.spent <= m.budget for m in cell.measurements)


@pytest.mark.parametrize("name", CHOOSERS)
def test_nothing_lasts_from_one_game_to_the_next(name: str, played: Played, random_alone: dict[int, float]) -> None:
    cell = played[1][f"x-{name}"]
    assert (cell.status, cell.error) == (Status.DONE, "")
    assert gained(cell) == 0
    assert accuracy(cell) == random_alone


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_by_name(name: str, played: Played) -> None:
    cell = played[1][f"x-{name}"]
    assert cell.status is Status.FAILED
    assert f"x-{name}'" in cell.error
    assert re.search(REFUSED[name], cell.error)
    assert cell.error.isprintable()


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_by_name(name: str, played: Played) -> None:
    cell = played[1][f"y-{name}"]
    assert cell.status is Status.FAILED
    assert f"attack 'y-{name}'" in cell.error
    assert re.search(ATTACKS[name], cell.error)


@pytest.mark.parametrize("name", TEACHERS)
def test_a_trainer_gains_nothing(name: str, played: Played) -> None:
    cell = played[1][f"z-{name}"]
    assert (cell.status, cell.error) == (Status.DONE, "")
    assert gained(cell) == 0
    assert max(accuracy(cell).values()) < CHANCE


@pytest.mark.parametrize("name", TAUGHT)
def test_a_trainer_is_refused_by_name(name: str, played: Played) -> None:
    cell = played[1][f"z-{name}"]
    assert cell.status is Status.FAILED
    assert f"trainer 'z-{name}'" in cell.error
    assert re.search(TAUGHT[name], cell.error)


@pytest.mark.parametrize("name", SLOW)
def test_what_never_ends_is_ended(name: str, played: Played) -> None:
    cell = played[1][f"x-{name}"]
    assert (cell.status, cell.error) == (Status.FAILED, "ran over its time limit of 4 s; --time-limit sets another")


@pytest.mark.parametrize("name", [*(f"y-{name}" for name in PAIRS), "y-locker of a trainer"])
def test_a_method_and_an_attack_of_one_author_cannot_talk_while_the_attack_sees_test_images(
    name: str, played: Played
) -> None:
    cell = played[1][name]
    assert (cell.status, cell.error) == (Status.DONE, "")
    assert gained(cell) == 0


def test_an_honest_excuse_is_still_one(played: Played) -> None:
    cell = played[1]["x-excused"]
    assert (cell.status, cell.error) == (Status.NOT_APPLICABLE, "it needs colour")


def test_those_who_play_after_them_get_what_they_would_get_alone(
    played: Played, random_alone: dict[int, float]
) -> None:
    assert accuracy(played[1]["random"]) == random_alone


def test_endless_output_is_cut_and_cleaned(played: Played) -> None:
    cell = played[1]["x-printer"]
    assert cell.status is Status.FAILED
    assert 0 < len(cell.output) <= 64 << 10
    assert "\x1b" not in cell.output and "\x00" not in cell.output


def test_every_cell_says_how_far_it_was_shut_in(played: Played, sealed: Sealed) -> None:
    assert {cell.sealed for cell in played[1].values() if "time limit" not in cell.error} == {sealed}


def test_nothing_is_left_on_the_machine(played: Played) -> None:
    import benchbox

    where = played[0]
    folders = [site.getsitepackages()[0], Path(benchbox.__file__).parent, Path(os.__file__).parent, "/tmp", "/dev/shm"]
    folders += ["/var/tmp", where.plugins, where.home, where.data, where.db.parent, Path.home() / ".cache"]
    marks = ("cheat-*", "kept-by-*", "x.pth", "big")
    assert not [path for folder in folders for mark in marks for path in Path(folder).glob(mark)]
    assert (where.plugins / "importing.py").read_bytes() == Path(__file__).with_name("sources").joinpath(
        "importing.py"
    ).read_bytes()
    assert not list(where.db.parent.glob("*.work/*"))
    assert not list(Path(tempfile.gettempdir()).glob("benchbox-player-*"))


def test_no_process_outlives_the_run(played: Played) -> None:
    names = {path: path.read_text() for path in Path("/proc").glob("[0-9]*/comm") if path.exists()}
    assert not [path for path, name in names.items() if name.strip() == "x-daemon"]
