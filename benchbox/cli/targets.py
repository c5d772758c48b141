"""``benchbox targets``: the trained models under attack, and how to rebuild one."""

from __future__ import annotations

from pathlib import Path

import click

from benchbox.cli.options import UserPath
from benchbox.cli.output import print_json, print_table, say
from benchbox.errors import UnknownNameError
from benchbox.paths import checked_data_dir, zoo_dir
from benchbox.registry import Catalogue, create_spec
from benchbox.target.zoo import TargetRecord, TargetSpec, Zoo

HEADERS = ("target", "accuracy", "test images", "sha256", "where")
PATH = UserPath()


@click.command("targets", short_help="List the targets, or train one from its recipe.")
@click.option("--train", "name", metavar="NAME", help="Train this target anew from its recipe.")
@click.option("--into", type=PATH, help="Where --train keeps it; default: this machine's own targets.")
@click.option("--data-dir", "data", type=PATH, help="The folder with data sets; default: BENCHBOX_DATA.")
@click.option("--download", is_flag=True, help="Allow downloads of data sets.")
@click.option("--device", default="cpu", show_default=True, help="Where --train runs; pinned targets come from a CPU.")
@click.option("--plugin", "files", multiple=True, type=PATH, help="A Python file with plugins; repeatable.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    name: str | None,
    into: Path | None,
    data: Path | None,
    download: bool,
    device: str,
    files: tuple[Path, ...],
    as_json: bool,
) -> None:
    """List the targets, or train one from its recipe.

    The accuracy is that of the last epoch's weights on held-out test images. With --train it is said whether the weights
    are those that are pinned.
    """
    catalogue = Catalogue.discover(files)
    zoo = Zoo(catalogue, into or zoo_dir(), device)
    if name is None:
        _list(zoo, as_json)
    else:
        _train(catalogue, zoo, name, checked_data_dir(data, download=download), download, as_json)


def _list(zoo: Zoo, as_json: bool) -> None:
    records = zoo.records()
    trained = {record.name for record in records}
    missing = [spec for spec in zoo.specs() if spec.name not in trained]
    if as_json:
        rows = [record.model_dump(mode="json") for record in records]
        print_json([*rows, *({"name": spec.name, **spec.model_dump()} for spec in missing)])
        return
    cells = [_cells(record) for record in records]
    print_table(HEADERS, [*cells, *((spec.name, "", "", "", "not trained yet") for spec in missing)])


def _cells(record: TargetRecord) -> tuple[str, ...]:
    where = f"{record.path}{' (pinned)' if record.pinned else ''}"
    return record.name, f"{record.accuracy:.2%}", str(record.n_test), record.sha256[:12], where


def _train(catalogue: Catalogue, zoo: Zoo, name: str, data: Path | None, download: bool, as_json: bool) -> None:
    from benchbox.contracts import Dataset
    from benchbox.images import load_images

    spec = _spec(zoo, name)
    dataset = create_spec(catalogue, "dataset", spec.dataset)
    assert isinstance(dataset, Dataset)
    images = load_images(dataset, spec.dataset, data, download=download)
    pinned = zoo.find(spec, images.digest)
    record = zoo.rebuild(spec, images, lambda line: say(line, err=True))
    same = None if pinned is None else pinned.sha256 == record.sha256
    if as_json:
        print_json({**record.model_dump(mode="json"), "same_as_before": same})
        return
    said = {
        None: "there was none before",
        True: "the same weights as before, byte for byte",
        False: f"other weights than before ({pinned.sha256[:12] if pinned else ''}): another machine adds in another order",
    }
    say(f"{record.name}: {record.accuracy:.2%} of {record.n_test} test images, sha256 {record.sha256[:12]}")
    say(f"{said[same]}; kept in {record.path}")


def _spec(zoo: Zoo, name: str) -> TargetSpec:
    known = {spec.name: spec for spec in zoo.specs()}
    for record in zoo.records():
        known.setdefault(record.name, record.spec())
    if name not in known:
        raise UnknownNameError("target", name, known)
    return known[name]
