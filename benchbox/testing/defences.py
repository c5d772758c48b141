"""Rules about defences: what a client is told, and what the defence remembers of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchbox.contracts import Defence
from benchbox.testing.rule import Failed, Subject, rule

if TYPE_CHECKING:
    from torch import Tensor

    from benchbox.target.guard import Checked, Guard

_ASKED = 40
_SEED = 7
_NEAR = 1e-5  # the last bits of a float hang on how many are computed at once


def _guard(subject: Subject) -> Guard:
    """Return the defence before a new client, prepared on the toy images."""
    import torch

    from benchbox.images.rows import ArrayImages
    from benchbox.match.owner import TargetOwner
    from benchbox.target.guard import Guard
    from benchbox.testing.toys import CLASSES, SHAPE, surroundings, toy_images

    defence = subject.plugin()
    assert isinstance(defence, Defence)
    images, labels = toy_images(400, 1)
    rng = torch.Generator().manual_seed(_SEED)
    with surroundings(_SEED):
        known = ArrayImages(images.numpy(), labels.numpy())
        owner = TargetOwner(SHAPE, CLASSES, torch.device("cpu"), rng, known)
        defence.prepare(owner)
    return Guard(defence, _SEED)


def _stream() -> tuple[Tensor, Tensor]:
    """Return what a client asks, near-duplicates among it, and the toy target's probabilities."""
    import torch

    from benchbox.testing.toys import toy_images, toy_target

    images = toy_images(_ASKED, 2)[0]
    images[1::2] = images[::2] + 0.001 * torch.arange(_ASKED // 2)[:, None, None, None] / _ASKED
    images = images.clamp(0, 1)
    target = toy_target()
    with torch.no_grad():
        return images, target(images).softmax(1)


def _told(guard: Guard, sizes: list[int], skip: int = 0) -> Checked:
    import torch

    from benchbox.target.guard import Checked

    images, probabilities = _stream()
    parts = zip(torch.split(images[skip:], sizes), torch.split(probabilities[skip:], sizes), strict=True)
    return Checked(*(torch.cat(each) for each in zip(*(guard.answer(*part) for part in parts), strict=True)))


def _same(told: Checked, other: Checked) -> bool:
    near = bool(((told.probabilities - other.probabilities).abs() < _NEAR).all())
    return near and all(bool((one == two).all()) for one, two in zip(told[1:], other[1:], strict=True))


@rule("defence", expects="probabilities of every class, nothing negative, rows that sum to 1, and marks an image each")
def tells_probabilities(subject: Subject) -> None:
    """The core refuses anything else in the middle of a match."""
    _told(_guard(subject), [_ASKED])


@rule("defence", expects="the same answers to images one by one as together, and so in the order in which they come")
def tells_the_same_one_by_one(subject: Subject) -> None:
    """A thief chooses how many images a request holds; it must not choose what it is told."""
    together = _told(_guard(subject), [_ASKED])
    for sizes in ([1] * _ASKED, [7, _ASKED - 7]):
        if not _same(_told(_guard(subject), sizes), together):
            raise Failed(f"told a client something else in requests of {sizes[0]} images")


@rule("defence", expects="all chance from the stream that it is given, and the global generators as the core left them")
def tells_the_same_under_one_seed(subject: Subject) -> None:
    """Two clients with one seed are told the same."""
    if not _same(_told(_guard(subject), [_ASKED]), _told(_guard(subject), [_ASKED])):
        raise Failed("told two clients of one seed two things")


@rule(
    "defence",
    expects="all that it remembers of a client on self, as tensors, numbers, texts, or what has a state_dict and a "
    "load_state_dict",
)
def remembers_across_a_kill(subject: Subject) -> None:
    """A killed run goes on with the memory that was kept."""
    from benchbox.match.resume import packed, unpacked

    half = _ASKED // 2
    first, images = _guard(subject), _stream()
    first.answer(images[0][:half], images[1][:half])
    state = unpacked(packed(first.state_dict()))
    assert state is not None
    resumed = _guard(subject)
    resumed.load_state_dict(state)
    if not _same(_told(resumed, [half], skip=half), _told(first, [half], skip=half)):
        raise Failed("told a client something else behind a kill")
