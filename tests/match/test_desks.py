"""The referee's desks: what they answer, count and keep, and what they refuse by the plugin's name."""

from __future__ import annotations

import io
import math
from typing import Any

import pytest
import torch
from torch import Tensor

from benchbox.contracts import Access
from benchbox.errors import BudgetExceeded, PluginError
from benchbox.isolation.channel import read_file, write_file
from benchbox.match import desks
from benchbox.match import notes as notes_room
from benchbox.match.desks import AttackDesk, GeneratorDesk, MethodDesk, SelectorDesk, TrainerDesk
from benchbox.match.messages import Offer
from benchbox.match.notes import Notes
from benchbox.records import CellResult, Diagnostic, Status
from benchbox.target.meter import MeteredOracle

SHAPE = (1, 2, 2)
WHO = "selector 'mine'"


class Grey:
    """Answers with an image's mean, in tenths, and counts the images that it saw."""

    def __init__(self) -> None:
        self.seen = 0

    def __call__(self, images: Tensor, access: Access) -> Tensor:
        self.seen += len(images)
        return (images.flatten(1).mean(1) * 10).long()


class Inside:
    """An insider's view."""

    def probabilities(self, images: Tensor) -> Tensor:
        return images.flatten(1)

    def activations(self, images: Tensor) -> Tensor:
        return -images.flatten(1)


def meter(budget: int = 10, grey: Grey | None = None) -> MeteredOracle:
    return MeteredOracle(grey or Grey(), Access.LABEL, budget, SHAPE, WHO)


def greys(*values: float) -> Tensor:
    return torch.tensor(values)[:, None, None, None].expand(-1, *SHAPE).clone()


def ask(desk: MethodDesk, images: Tensor, phase: str = "main") -> Any:
    return desk.take("query", {"phase": phase, "images": images})


def test_answers_come_with_what_was_spent() -> None:
    desk = MethodDesk(meter(), Notes(), None)
    assert ask(desk, greys(0.15, 0.25))["answers"].tolist() == [1, 2]
    assert ask(desk, greys(0.35)) == {"answers": torch.tensor([3]), "spent": 3}
    assert [(row.phase, row.queries) for row in desk.meter.ledger.rows(10)] == [("main", 3)]


def test_a_refusal_is_the_players_to_catch_and_costs_nothing() -> None:
    grey = Grey()
    desk = MethodDesk(meter(3, grey), Notes(), None)
    with pytest.raises(BudgetExceeded):
        ask(desk, greys(*[0.5] * 4))
    assert (desk.meter.spent, grey.seen) == (0, 0)
    assert ask(desk, greys(0.5))["spent"] == 1


@pytest.mark.parametrize("phase", ["scoring", "chosen", "granted substitute", "blocked"])
def test_the_cores_own_phases_are_reserved(phase: str) -> None:
    desk = MethodDesk(meter(), Notes(), None)
    with pytest.raises(PluginError, match=f"^{WHO} named a phase '{phase}', which is the core's own word"):
        ask(desk, greys(0.5), phase)
    assert desk.meter.spent == 0


def test_who_had_an_answer_a_refusal_or_a_look_inside_has_begun_and_who_noted_something_has_not() -> None:
    looked, asked, refused, noted = (MethodDesk(meter(), Notes(), Inside()) for _ in range(4))  # type: ignore[arg-type]
    assert not looked.begun
    looked.take("peek", {"what": "activations", "images": greys(0.5)})
    ask(asked, greys(0.5))
    with pytest.raises(BudgetExceeded):
        ask(refused, greys(*[0.5] * 11))
    noted.take("note", {"values": {"a": 1.0}})
    assert [desk.begun for desk in (looked, asked, refused, noted)] == [True, True, True, False]


def test_a_selector_that_chose_or_played_for_a_smaller_budget_has_begun() -> None:
    fresh, later = (SelectorDesk(meter(), Notes(), None, again=again) for again in (False, True))
    assert (fresh.begun, later.begun) == (False, True)
    fresh.take("rows", {"rows": torch.arange(2), "wanted": 2, "nested": True})
    assert fresh.begun
    with pytest.raises(PluginError, match="went on after it had chosen"):
        ask(fresh, greys(0.5))


def test_who_says_that_its_choice_is_deterministic_does_nothing_but_choose() -> None:
    recall, rows = {"wanted": 2, "nested": True}, {"rows": torch.arange(2), "wanted": 2, "nested": True}
    others = [
        ("query", {"phase": "main", "images": greys(0.5)}),
        ("note", {"values": {"a": 1.0}}),
        ("show", {"name": "p", "images": greys(0.5)}),
        ("recall", recall),
    ]
    said = SelectorDesk(meter(), Notes(), None)
    assert said.take("recall", recall) == {"known": False}
    for message in others:
        with pytest.raises(PluginError, match="says that its choice is deterministic, and did more than choose"):
            said.take(*message)
    assert said.take("rows", rows) == {}
    for message in others[:3]:
        spoke = SelectorDesk(meter(), Notes(), None)
        spoke.take(*message)
        with pytest.raises(PluginError, match="says that its choice is deterministic, and did more than choose"):
            spoke.take("recall", recall)


def test_there_are_only_so_many_names_of_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes_room, "MOST_NAMES", 2)
    desk = MethodDesk(meter(), Notes(), None)
    for name in ("a", "b", "a"):
        desk.take("note", {"values": {name: 1.0}})
    with pytest.raises(PluginError, match=f"^{WHO} wrote down numbers under over 2 names"):
        desk.take("note", {"values": {"c": 1.0}})


def test_there_are_only_so_many_phases() -> None:
    desk = MethodDesk(meter(100), Notes(), None)
    for i in range(desks.MOST_PHASES):
        ask(desk, greys(0.5), f"p{i}")
    ask(desk, greys(0.5), "p0")
    with pytest.raises(PluginError, match=f"^{WHO} named over 64 phases"):
        ask(desk, greys(0.5), "one more")
    assert desk.meter.spent == desks.MOST_PHASES + 1


@pytest.mark.parametrize("what", ["probabilities", "activations"])
def test_the_insiders_view_costs_nothing_and_is_for_whom_it_is_granted(what: str) -> None:
    message = {"what": what, "images": greys(0.5)}
    granted, not_granted = (MethodDesk(meter(), Notes(), view) for view in (Inside(), None))  # type: ignore[arg-type]
    assert granted.take("peek", message)["answer"].shape == (1, 4)
    assert granted.meter.spent == 0
    with pytest.raises(PluginError, match=f"^{WHO} asked for the insider's view, which this scenario does not grant"):
        not_granted.take("peek", message)
    for wrong in (greys(0.5)[0], torch.rand(1, 1, 3, 3), greys(0.5).long()):
        with pytest.raises(PluginError, match="of what are no images"):
            granted.take("peek", {"what": what, "images": wrong})


def test_activations_come_for_so_many_images_at_once() -> None:
    desk = MethodDesk(meter(), Notes(), Inside())  # type: ignore[arg-type]
    with pytest.raises(PluginError, match=f"^{WHO} asked for the activations of 1025 images; expected at most 1024"):
        desk.take("peek", {"what": "activations", "images": greys(*[0.5] * 1025)})


def test_notes_are_kept_at_the_queries_that_were_spent_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes_room, "MOST_NOTES", 3)
    desk = MethodDesk(meter(), notes := Notes(), None)
    desk.take("note", {"values": {"a": 1.0}})
    ask(desk, greys(0.5))
    desk.take("note", {"values": {"a": 2.0, "b": 3.0, "lost": math.nan, "far": math.inf}})
    assert [(d.spent, d.name) for d in notes.diagnostics] == [(0, "a"), (1, "a"), (1, "b")]
    with pytest.raises(PluginError, match=f"^{WHO} wrote down over 3 numbers"):
        desk.take("note", {"values": {"c": 1.0}})


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("note", {"values": {"chosen": 3.0}}),
        ("note", {"values": {"class_7": 3.0}}),
        ("show", {"name": "attack/fgsm untargeted", "images": torch.rand(1, 1, 2, 2)}),
    ],
)
def test_the_cores_own_notes_and_pictures_are_reserved(kind: str, data: dict[str, Any]) -> None:
    desk = MethodDesk(meter(), notes := Notes(), None)
    with pytest.raises(PluginError, match=f"^{WHO} .* the core's own"):
        desk.take(kind, data)
    assert (notes.diagnostics, notes.pictures) == ([], {})


def test_a_later_picture_takes_the_place_of_an_earlier_one_and_there_are_only_so_many() -> None:
    desk = MethodDesk(meter(), notes := Notes(), None)
    for name in [*(f"p{i}" for i in range(notes_room.MOST_PICTURES)), "p0"]:
        desk.take("show", {"name": name, "images": torch.rand(2, 3, 4, 4)})
    assert len(notes.pictures) == notes_room.MOST_PICTURES
    assert all(picture.png.startswith(b"\x89PNG") for picture in notes.pictures.values())
    with pytest.raises(PluginError, match=f"^{WHO} kept over 64 pictures"):
        desk.take("show", {"name": "one more", "images": torch.rand(1, 1, 2, 2)})


@pytest.mark.parametrize(
    "images",
    [
        torch.rand(2, 2),
        torch.rand(0, 1, 2, 2),
        torch.rand(1, 0, 2, 2),
        torch.rand(1, 1, 0, 2),
        torch.ones(1, 1, 2, 2).long(),
        torch.rand(1, 1, 1, 5000),
        torch.rand(()),
    ],
)
def test_what_is_no_picture_is_refused(images: Tensor) -> None:
    with pytest.raises(PluginError, match=f"^{WHO} kept a picture of .* of shape"):
        MethodDesk(meter(), Notes(), None).take("show", {"name": "p", "images": images})


def test_notes_by_the_hundred_thousand_reach_the_coordinator() -> None:
    result = CellResult("c", Status.DONE)
    result.diagnostics = [Diagnostic(i, f"name {i % 1000} {'x' * 50}", i / 7) for i in range(200_000)]
    file = io.BytesIO()
    write_file(file, "result", result.data())
    file.seek(0)
    assert CellResult.read(read_file(file)[1], "c").diagnostics == result.diagnostics


@pytest.mark.parametrize("change", [{"which": b"\0" * 7}, {"names": []}, {"spent": b""}, {"values": None}])
def test_notes_that_are_none_are_refused(change: dict[str, Any]) -> None:
    data = CellResult("c", Status.DONE, diagnostics=[Diagnostic(1, "a", 0.5)]).data()
    with pytest.raises(ValueError, match="diagnostics that are none"):
        CellResult.read({**data, "diagnostics": {**data["diagnostics"], **change}}, "c")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e30, -5.0])
@pytest.mark.parametrize("channels", [1, 2, 3, 5])
def test_a_picture_of_any_values_and_channels_can_be_stored(value: float, channels: int) -> None:

    desk = MethodDesk(meter(), notes := Notes(), None)
    desk.take("show", {"name": "p", "images": torch.full((200, channels, 70, 3), value).half()})
    result = CellResult("c", Status.DONE, pictures=list(notes.pictures.values()))
    assert CellResult.read(result.data(), "c").pictures == result.pictures


@pytest.mark.parametrize(
    ("kind", "data"), [("offer", {"weights": {}, "spent": 0}), ("state", {"state": 1}), ("done", {})]
)
def test_what_is_not_its_part_of_the_game_is_refused(kind: str, data: dict[str, Any]) -> None:
    with pytest.raises(PluginError, match=f"^{WHO} sent '{kind}', which is not its part of the game"):
        SelectorDesk(meter(), Notes(), None).take(kind, data)


def test_a_generator_makes_no_choice() -> None:
    desk = GeneratorDesk(meter(), Notes(), None, lambda offer: {}, lambda state: None)
    with pytest.raises(PluginError, match="sent 'rows', which is not its part"):
        desk.take("rows", {"rows": torch.arange(2), "wanted": 2, "nested": True})


def test_rows_that_were_asked_in_this_game_are_not_paid_for_twice() -> None:
    grey = Grey()
    desk = SelectorDesk(meter(5, grey), Notes(), None)
    ask(desk, greys(0.15, 0.25, 0.95))
    chosen = greys(0.35, 0.25, 0.15)
    assert desk.answers(chosen)[1].tolist() == [3, 2, 1]
    assert (desk.meter.spent, grey.seen) == (4, 4)
    assert [(row.phase, row.queries) for row in desk.meter.ledger.rows(5)] == [("main", 3), ("chosen", 1)]


def test_known_answers_are_those_to_the_images_as_the_target_saw_them() -> None:
    desk = SelectorDesk(meter(5), Notes(), None)
    ask(desk, greys(1.7, 0.25).double())
    assert desk.answers(greys(1.0, 0.25))[1].tolist() == [10, 2]
    assert desk.meter.spent == 2


def test_images_that_nobody_asked_are_asked_once_at_the_end_and_duplicates_count() -> None:
    desk = SelectorDesk(meter(3), Notes(), None)
    assert desk.answers(greys(0.15, 0.15))[1].tolist() == [1, 1]
    assert desk.meter.spent == 2
    with pytest.raises(BudgetExceeded):
        desk.answers(greys(0.15, 0.25))


def test_another_games_answers_are_not_known() -> None:
    first, second = (SelectorDesk(meter(2), Notes(), None) for _ in range(2))
    ask(first, greys(0.15))
    second.answers(greys(0.15))
    assert second.meter.spent == 1


def test_offers_and_states_are_handed_on_and_states_are_not_looked_into() -> None:
    offers: list[Offer] = []
    states: list[Any] = []

    def offered(offer: Offer) -> dict[str, Any]:
        offers.append(offer)
        return {"save": True}

    desk = GeneratorDesk(meter(), Notes(), None, offered, states.append)
    assert desk.take("offer", {"weights": {"a": torch.ones(1)}, "spent": 0}) == {"save": True}
    assert desk.take("state", {"state": {"$blob": [object]}}) == {}
    assert (offers[0].spent, states) == (0, [{"$blob": [object]}])


def test_a_state_is_taken_once_where_it_was_asked_for() -> None:
    replies = [{}, {"save": True}, {"save": False}]
    desk = GeneratorDesk(meter(), Notes(), None, lambda offer: replies.pop(0), lambda state: None)
    offer, state = ("offer", {"weights": {}, "spent": 0}), ("state", {"state": 1})
    order = [(state, False), (offer, True), (state, False), (offer, True), (state, True), (state, False)]
    for sent, taken in [*order, (offer, True), (state, False)]:
        if taken:
            desk.take(*sent)
            continue
        with pytest.raises(PluginError, match=f"^{WHO} sent a state to go on from that nobody had asked for"):
            desk.take(*sent)


def test_an_attack_may_do_nothing_but_attack() -> None:
    class Assault:
        who = "attack 'hit'"

        def exchange(self, examples: Tensor | None) -> tuple[Tensor, Tensor] | None:
            return (greys(0.5), torch.tensor([1])) if examples is None else None

    desk = AttackDesk(Assault())  # type: ignore[arg-type]
    assert desk.take("examples", {"images": None})["labels"].tolist() == [1]
    assert desk.take("examples", {"images": greys(0.5)}) is None
    for kind, data in (("query", {"phase": "main", "images": greys(0.5)}), ("note", {"values": {}}), ("done", {})):
        with pytest.raises(PluginError, match=f"^attack 'hit' sent '{kind}', which is not its part"):
            desk.take(kind, data)


def test_a_trainer_prepares_once_or_learns_and_its_notes_stand_at_what_was_spent() -> None:
    lessons = [{"images": 1}, None]
    learns = TrainerDesk(WHO, notes := Notes(), lambda: 7, lambda weights: lessons.pop(0))
    assert not learns.begun
    learns.take("note", {"values": {"loss": 0.5}})
    assert learns.take("lesson", {"weights": None}) == {"images": 1}
    assert learns.begun
    assert learns.take("lesson", {"weights": {"a": torch.ones(1)}}) is None
    assert [(d.spent, d.name) for d in notes.diagnostics] == [(7, "loss")]
    prepares = TrainerDesk(WHO, Notes(), lambda: 0, None)
    prepared = ("prepared", {"tensors": {"features": torch.ones(2, 2)}})
    prepares.take(*prepared)
    for desk, message in (
        (learns, prepared),
        (prepares, prepared),
        (prepares, ("lesson", {"weights": None})),
        (learns, ("query", {"phase": "main", "images": greys(0.5)})),
    ):
        with pytest.raises(PluginError, match=f"^{WHO} sent '{message[0]}', which is not its part of the game"):
            desk.take(*message)
