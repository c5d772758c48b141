"""Pinning what an owner gives: looked up where it is known and the same, else opened and measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from benchbox.contracts import Model
from benchbox.devices import choose_device
from benchbox.images import ImageSet
from benchbox.place import Place
from benchbox.registry import Catalogue, Spec, create_spec
from benchbox.target.given import Gift, GivenRecord
from benchbox.target.given.code import hash_of
from benchbox.target.given.gift import FILES, in_code
from benchbox.target.given.shelf import Shelf

if TYPE_CHECKING:
    from torch import nn

_DOUBTFUL = 0.5  # an accuracy below it is more often a mistake in how a target is asked than a poor model


def pinned(
    gift: Gift,
    images: ImageSet,
    catalogue: Catalogue,
    place: Place,
    *,
    ask: bool,
    report: Callable[[str], None],
) -> GivenRecord | None:
    """Return a given target's record on a data set.

    A file that did not change is not opened. Functions and endpoints are asked the probe every time.

    Args:
        gift: the target.
        images: the owner's data.
        catalogue: knows the model plugins.
        place: where records are kept, and on which device networks run.
        ask: whether to open and ask it; a dry run does not.
        report: told, one line each, what was measured, and what changed.

    Returns:
        The record; None where it is not known yet and may not be asked.

    Raises:
        TargetError: it cannot be opened, or does not fit the data.
    """
    shelf = Shelf(place.zoo_dir)
    known = shelf.latest(gift, images.digest)
    if known is not None and (_same_file(known, gift, catalogue) if gift.form in FILES else not ask):
        return known.model_copy(update={"gift": gift})
    if not ask:
        return None
    from benchbox.target.given.measuring import Measured, changed  # torch comes with it

    version = _version(gift, catalogue)
    build = _builder(gift, images, catalogue)
    measured = Measured(gift, images, build, choose_device(place.device))
    if gift.form == "function":  # two projects may each have a module of this name
        known = shelf.latest(gift, images.digest, measured.opened.source)
    others = 0 if known is None else changed(known.probe, measured.probe)
    if known is not None and not others and gift.form not in FILES:
        # its code may be another, with the same answers: the referee holds what it imports against this
        return known.model_copy(update={"gift": gift, "source_sha256": measured.opened.source_sha256})
    if known is not None:
        what = "its file or its network's code changed" if gift.form in FILES else "it answers otherwise"
        report(
            f"target '{gift.name}' is another one than on {known.since}: {what}, and {others} of {len(known.probe.labels)} "
            f"images of the probe have other answers; its cells are new ones"
        )
    record = measured.record(version)
    shelf.keep(record)
    report(
        f"target '{gift.name}': {record.accuracy:.2%} of {record.n_test} test images, as it was given; it is not trained"
    )
    if record.accuracy < _DOUBTFUL:
        report(
            f"target '{gift.name}' gets most test images wrong: does it expect other inputs than floats in [0, 1], or name the "
            f"classes in another order (--classes)?"
        )
    return record


def _same_file(known: GivenRecord, gift: Gift, catalogue: Catalogue) -> bool:
    from benchbox.target.given.opening import file_hash

    who = f"target '{gift.name}'"
    source = "" if known.source is None or not known.source.is_file() else hash_of(known.source, who)
    now = (file_hash(gift), source, _version(gift, catalogue))
    return now == (known.file_sha256, known.source_sha256, known.model_version)


def _version(gift: Gift, catalogue: Catalogue) -> int:
    """Return the version of the plugin that builds its network; 0 where none does."""
    if not gift.model or in_code(gift.model):
        return 0
    return catalogue.get("model", Spec.parse(gift.model).name, "--model").version


def _builder(gift: Gift, images: ImageSet, catalogue: Catalogue) -> Callable[[], nn.Module] | None:
    if not gift.model or in_code(gift.model):
        return None
    from benchbox.target.network import build_network

    plugin = create_spec(catalogue, "model", gift.model)
    assert isinstance(plugin, Model)
    return lambda: build_network(plugin, images.shape, images.classes)
