"""``benchbox targets``: the models under attack; how to rebuild one, and how to add one of your own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from benchbox.cli.given import given_options, options_of
from benchbox.cli.options import UserPath
from benchbox.cli.output import print_json, print_table, say
from benchbox.errors import BenchboxError, UnknownNameError
from benchbox.paths import checked_data_dir, zoo_dir
from benchbox.place import Place
from benchbox.registry import Catalogue, Spec, create_spec
from benchbox.target.given import Gift, read_gift
from benchbox.target.given.shelf import Shelf
from benchbox.target.zoo import TargetRecord, TargetSpec, Zoo

HEADERS = ("target", "accuracy", "test images", "sha256", "where")
PATH = UserPath()


@click.group(
    "targets", short_help="List the targets, train one from its recipe, or add your own.", invoke_without_command=True
)
@click.option("--train", "name", metavar="NAME", help="Train this target anew: a listed one, or of another seed.")
@click.option("--into", type=PATH, help="Where --train keeps it; default: this machine's own targets.")
@click.option("--data-dir", "data", type=PATH, help="The folder with data sets, and weights; default: BENCHBOX_DATA.")
@click.option("--download", is_flag=True, help="Allow downloads of data sets.")
@click.option("--device", default="cpu", show_default=True, help="Where --train runs; pinned targets come from a CPU.")
@click.option("--plugin", "files", multiple=True, type=PATH, help="A Python file with plugins; repeatable.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(
    context: click.Context,
    /,
    name: str | None,
    into: Path | None,
    data: Path | None,
    download: bool,
    device: str,
    files: tuple[Path, ...],
    as_json: bool,
) -> None:
    """List the targets, train one from its recipe, or add your own.

    The accuracy is that of the last epoch's weights on held-out test images; of a target that was given, what was measured
    last. Weights are looked for in the packages that pin them, among this machine's own, and in 'targets' in the data folder;
    'not there' stands behind the place of those that are nowhere. With --train it is said whether the weights are those that
    are pinned. A name is DATASET/MODEL, and what differs: mnist/c3f2+seed=3, mnist/lenet5+holdout=600,
    cifar10/resnet20+recipe=photographs-float32.
    """
    if context.invoked_subcommand is not None:
        _refuse_options(context, context.invoked_subcommand)
        return
    catalogue = Catalogue.discover(files)
    folder = checked_data_dir(data, download=download)
    zoo = Zoo(catalogue, into or zoo_dir(), device, data_dir=folder)
    if name is None:
        _list(zoo, Shelf(into or zoo_dir()), Place(data_dir=folder, device="cpu", zoo_dir=zoo_dir()), as_json)
    else:
        _train(catalogue, zoo, name, folder, download, as_json)


def _refuse_options(context: click.Context, inner: str) -> None:
    """Refuse options of the listing before an inner command, which would never hear of them."""
    for option in context.command.params:
        if context.get_parameter_source(option.name or "") is not click.core.ParameterSource.DEFAULT:
            raise click.UsageError(
                f"{option.opts[0]} before '{inner}' says nothing; write options of '{inner}' behind it"
            )


@command.command("add")
@click.argument("name")
@click.argument("place")
@given_options
@click.option("--dataset", help="Ask it now, and measure its accuracy on these test images.")
@click.option("--data-dir", "data", type=PATH, help="The folder with data sets; default: BENCHBOX_DATA.")
@click.option("--plugin", "files", multiple=True, type=PATH, help="A Python file with plugins; repeatable.")
def add_command(
    name: str, place: str, dataset: str | None, data: Path | None, files: tuple[Path, ...], **given: Any
) -> None:
    """Add a target of your own, PLACE, under NAME.

    PLACE is a file of weights (.safetensors, or a state dict in a .pt), TorchScript, torch.export or ONNX; module:function;
    a URL; or ARCHITECTURE@WEIGHTS of torchvision's. Nothing trains it. Then 'benchbox run --target NAME' and 'benchbox
    audit --target NAME' attack it; an endpoint is asked only where these name its host, too (--host).
    """
    gift = read_gift(place, name=name, **options_of(given))
    if dataset is not None:
        from benchbox.sources import LocalSources

        where = Place(data_dir=checked_data_dir(data), device="cpu", zoo_dir=zoo_dir())
        sources = LocalSources(Catalogue.discover(files), where, train=True, report=lambda line: say(line, err=True))
        sources.given(gift, dataset)
    Shelf(zoo_dir()).add(gift)
    say(f"added target '{name}': {gift.form}, {gift.place}")


@command.command("remove")
@click.argument("name")
def remove_command(name: str) -> None:
    """Forget the target that was added under NAME. What was measured with it stays in the stores."""
    shelf = Shelf(zoo_dir())
    if name not in shelf.named():
        raise UnknownNameError("added target", name, shelf.named())
    shelf.remove(name)
    say(f"removed target '{name}'")


def _list(zoo: Zoo, shelf: Shelf, place: Place, as_json: bool) -> None:
    records = zoo.records()
    trained = {record.name for record in records}
    missing = [spec for spec in zoo.specs() if spec.name not in trained]
    if as_json:
        rows = [{**record.model_dump(mode="json"), "there": record.path.is_file()} for record in records]
        given = [gift.model_dump(mode="json") for gift in shelf.named().values()]
        print_json([*rows, *({"name": spec.name, **spec.model_dump()} for spec in missing), *given])
        return
    cells = [_cells(record) for record in records]
    cells += [_given_cells(gift, shelf, place) for gift in shelf.named().values()]
    print_table(HEADERS, [*cells, *((spec.name, "", "", "", "not trained yet") for spec in missing)])


def _given_cells(gift: Gift, shelf: Shelf, place: Place) -> tuple[str, ...]:
    where = f"given: {gift.form}, {gift.place}"
    try:
        last = shelf.latest(_as_measured(gift, place))
    except BenchboxError as error:  # of published weights: their file is not in the data folder
        return gift.name, "", "", "", f"{where}; {error}"
    if last is None:
        return gift.name, "", "", "", f"{where}, not asked yet"
    return gift.name, f"{last.accuracy:.2%}", str(last.n_test), last.sha256[:12], where


def _as_measured(gift: Gift, place: Place) -> Gift:
    """Return a target as its record names it: published weights are measured as a file."""
    if gift.form != "published":
        return gift
    from benchbox.target.given.published import as_file  # torchvision comes with it

    return as_file(gift, place)


def _cells(record: TargetRecord) -> tuple[str, ...]:
    marks = [*(["pinned"] if record.pinned else []), *([] if record.path.is_file() else ["not there"])]
    where = [str(record.path), *([f"({', '.join(marks)})"] if marks else [])]
    return record.name, f"{record.accuracy:.2%}", str(record.n_test), record.sha256[:12], " ".join(where)


def _train(catalogue: Catalogue, zoo: Zoo, name: str, data: Path | None, download: bool, as_json: bool) -> None:
    from benchbox.contracts import Dataset
    from benchbox.images import load_images

    spec = _spec(catalogue, zoo, name)
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


def _spec(catalogue: Catalogue, zoo: Zoo, name: str) -> TargetSpec:
    """Return the target of a name: one that is known, or any other of a data set and a model that are installed."""
    known = {spec.name: spec for spec in zoo.specs()}
    for record in zoo.records():
        known.setdefault(record.name, record.spec())
    other = TargetSpec.named(name)
    if name not in known and other is not None and _installed(catalogue, other):
        return other
    if name not in known:
        raise UnknownNameError("target", name, known, listed="'benchbox targets' lists them")
    return known[name]


def _installed(catalogue: Catalogue, spec: TargetSpec) -> bool:
    """Whether there is the data set of a target, and its model."""
    try:
        for kind, text in (("dataset", spec.dataset), ("model", spec.model)):
            catalogue.get(kind, Spec.parse(text).name)
    except BenchboxError:
        return False
    return True
