"""Sets that no memory holds: read by rows, with the numbers of those that are held, on both sides of the wall."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import torch
from match_sources import SELECTOR, TRAINER
from match_watch import Silence, numbers

from benchbox.contracts import Grant
from benchbox.errors import PluginError
from benchbox.execution.referees import PRELOAD
from benchbox.images import row_tensor, rows
from benchbox.images.row_tensor import RowTensor
from benchbox.isolation.nursery import Nursery, start_zygote
from benchbox.match.players.apart import Apart
from benchbox.match.run import run_cell
from benchbox.place import Place
from benchbox.records import CellResult, Status
from benchbox.suites import Setting

Play = Callable[..., CellResult]
ADAPTIVE = """
        images = game.pool.images
        known = game.oracle.query(images[:k], phase="first")
        network = game.train(images[torch.arange(k)], known)
        sure = torch.cat([network(batch).max(1).values for batch in torch.split(images, 64)])
        return sure.argsort()[:k]
    def choice_size(self, budget):
        return budget // 2
    nested = False
    trains = True
""".strip()
LEARNS = TRAINER.format(
    prepare="return {'features': torch.cat([b.flatten(1) for b in torch.split(game.unlabelled, 64)])}",
    fit="""
        for rows in torch.randperm(len(images), generator=game.rng).split(8):
            loss = torch.nn.functional.cross_entropy(network(images[rows]), answers[rows])
            for weight, slope in zip(network.parameters(), torch.autograd.grad(loss, list(network.parameters()))):
                weight.data -= 0.1 * slope
        return network
""".strip(),
)


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    made = start_zygote(PRELOAD)
    yield made
    made.close()


@pytest.fixture
def little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, limit in ((rows, "HELD"), (rows, "LOADED"), (row_tensor, "HELD")):
        monkeypatch.setattr(module, limit, 1 << 10)


@pytest.fixture
def play_across(cell: Callable[..., Setting], place: Place, nursery: Nursery) -> Play:
    """Play a cell whose referee is this process, and whose players are processes of their own."""

    def played(*args: object, **given: object) -> CellResult:
        return run_cell(cell(*args, **given), place, Silence(), Apart(nursery, place.sealed, place.walls))

    return played


@pytest.mark.parametrize(
    ("source", "changes"),
    [
        ("", {"budgets": (20,)}),
        (SELECTOR.format(body=ADAPTIVE), {"budgets": (10,)}),
        (LEARNS, {"target": "", "trainer": "Teach", "uses": (Grant.UNLABELLED,), "attacks": ()}),
    ],
    ids=["built-in", "adaptive", "a trainer of unlabelled images"],
)
def test_numbers_are_those_of_images_that_memory_holds(
    source: str, changes: dict[str, object], play: Play, play_across: Play, request: pytest.FixtureRequest
) -> None:
    held = play(source, **changes)
    assert held.status is Status.DONE, held.traceback
    request.getfixturevalue("little_memory")
    across = play_across(source, **changes)
    assert across.status is Status.DONE, across.traceback
    kept, found = numbers(held), numbers(across)
    assert found.measurements == kept.measurements
    assert sum(row.queries for row in found.ledger) == sum(row.queries for row in kept.ledger)


@pytest.mark.usefixtures("little_memory")
@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("'set': 1, 'rows': torch.arange(3)", "asked for images that it was not given"),
        ("'set': -1, 'rows': torch.arange(3)", "asked for images that it was not given"),
        ("'set': 0, 'rows': torch.tensor([-1])", "asked for rows that there are not"),
        ("'set': 0, 'rows': torch.tensor([10**6])", "asked for rows that there are not"),
        ("'set': 0, 'rows': torch.zeros(5000, dtype=torch.int64)", "asked for rows that there are not"),
        ("'set': 0, 'rows': torch.zeros(1)", "asked for rows that there are not"),
        ("'set': 0", "sent a malformed read"),
    ],
)
def test_a_player_reads_what_it_was_given_and_no_more(wanted: str, said: str, play_across: Play) -> None:
    result = play_across(SELECTOR.format(body=f"game.link.call('read', {{{wanted}}}); return torch.arange(k)"))
    assert result.status is Status.FAILED
    assert f"selector 'mine' {said}" in result.error


@pytest.mark.usefixtures("little_memory")
def test_what_would_take_the_whole_says_so(play: Play) -> None:
    result = play(SELECTOR.format(body="return game.pool.images.flatten(1).sum(1).argsort()[:k]"))
    assert result.status is Status.FAILED
    assert "selector 'mine': 'view' would read all 1,400 images of 1x28x28 into memory" in result.error


def test_a_tensor_of_rows_is_indexed_as_any(monkeypatch: pytest.MonkeyPatch) -> None:
    files = torch.arange(10 * 3 * 2 * 2, dtype=torch.uint8).view(10, 3, 2, 2)
    images, floats = RowTensor((10, 3, 2, 2), lambda rows: files[rows], torch.device("cpu")), files.float() / 255
    some = torch.tensor([7, 0, 7])
    for found, expected in (
        (images[some], floats[some]),
        (images[2:9:3], floats[2:9:3]),
        (images[-1], floats[-1]),
        (images[torch.arange(10) % 3 == 0], floats[::3]),
        (images[floats > 0.2], floats[floats > 0.2]),
        (images[[1, 2]], floats[1:3]),
        (images.take(some)[1:], floats[some][1:]),
        (torch.cat([part + 1 for part in torch.split(images, 4)]), floats + 1),
        (images.mean((2, 3)), floats.mean((2, 3))),
        (images.detach().to("cpu").contiguous(memory_format=torch.channels_last)[some], floats[some]),
    ):
        assert type(found) is torch.Tensor
        assert torch.equal(found, expected)
    assert (len(images), images.shape, images.dtype, images.device.type) == (10, (10, 3, 2, 2), torch.float32, "cpu")
    with pytest.raises(IndexError, match="there are rows 0 to 9"):
        images[torch.tensor([10])]
    with pytest.raises(IndexError, match="a mask of 1 values cannot choose of 10 rows"):
        images[torch.tensor([True])]
    monkeypatch.setattr(row_tensor, "HELD", 100)
    with pytest.raises(PluginError, match="'add' would read all 10 images of 3x2x2 into memory; take some"):
        images + 1
