"""``benchbox plot`` and ``benchbox.plot``: curves of a store as a file, or as a figure."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import benchbox
from benchbox.cli import main
from benchbox.errors import OptionError
from benchbox.store import Store

sys.path.append(str(Path(__file__).parent.parent / "report"))

import report_samples
from report_samples import ATTACK


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("plot") / "results.db"
    with Store.open(path) as store:
        report_samples.fill(store)
        report_samples.put_searches(store)
        report_samples.put(store, "random", (0.5, 0.6, 0.7), suite="two", dataset="mnist")
        report_samples.put(store, "random", (0.5, 0.6, 0.7), suite="two")
    return str(path)


def plot(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["plot", *arguments])


def test_a_scenario_is_drawn_as_svg_and_png(db: str, tmp_path: Path) -> None:
    for name, start in (("a.svg", b"<?xml"), ("a.png", b"\x89PNG")):
        result = plot("--db", db, "--suite", "label-only", "--out", str(tmp_path / name))
        assert result.exit_code == 0, result.stderr
        assert (tmp_path / name).read_bytes().startswith(start)
    assert "label-only on digits: real data: accuracy on test images, %, over queries" in result.stdout
    alone = plot("--db", db, "--suite", "two", "--dataset", "mnist", "--out", str(tmp_path / "b.svg"))
    assert "of 1 method;" in alone.stdout


def test_methods_metric_and_attack_are_chosen(db: str, tmp_path: Path) -> None:
    out = tmp_path / "a.svg"
    chosen = ("--metric", "asr_untargeted", "--attack", ATTACK, "--method", "random", "--out", str(out))
    result = plot("--db", db, "--suite", "label-only", *chosen)
    assert result.exit_code == 0, result.stderr
    text = out.read_text()
    assert f"asr_untargeted, %, of {ATTACK}" in text
    assert ">random<" in text and ">drmi<" not in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--suite", "label-onyl"], "there is no suite 'label-onyl'"),
        (["--suite", "two"], "has several of --dataset; name one of 'digits', 'mnist'"),
        (["--suite", "label-only", "--method", "drm"], "did you mean 'drmi'?"),
        (["--suite", "label-only", "--metric", "fidelty"], "did you mean 'fidelity'?"),
        (["--suite", "label-only", "--metric", "asr_untargeted"], "is of an attack; name one of"),
        (["--suite", "label-only", "--in-all"], "holds no such curve"),
        (["--suite", "label-only", "--in-all", "--metric", "accuracy"], "leave out --metric"),
        (["--suite", "label-only", "--attack", "fgsm"], "name the metric with --metric"),
        (["--suite", "label-only", "--out", "a.gif"], "ends neither in .svg nor in .png"),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(db: str, arguments: list[str], sentence: str) -> None:
    result = CliRunner().invoke(main, ["plot", "--db", db, *arguments])
    assert result.exit_code == 2
    assert sentence in result.output


def test_python_gets_a_figure(db: str) -> None:
    (axes,) = benchbox.plot(db, suite="searches", methods="square", in_all=True).axes
    curves = {line.get_gid(): line for line in axes.lines}
    assert list(curves["curve-0"].get_xdata()) == [5_000, 15_000, 60_000]
    assert axes.get_xlabel() == "queries in all, log scale"
    with pytest.raises(OptionError, match="several"):
        benchbox.plot(db, suite="two")
