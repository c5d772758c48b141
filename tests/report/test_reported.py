from __future__ import annotations

from pathlib import Path

import pytest

from benchbox.errors import SuiteError
from benchbox.registry import Spec
from benchbox.report.reported import Reported, read_papers

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def printed() -> list[Reported]:
    return read_papers([BENCHMARKS])


def values(printed: list[Reported], **wanted: object) -> list[float]:
    return [f.value for f in printed if all(getattr(f, key) == value for key, value in wanted.items())]


# Typed again from the papers: DRMI's tables 7, 8, 11 and 6, MEGA's 2 to 5.
@pytest.mark.parametrize(
    ("wanted", "value"),
    [
        ({"source": "Table 7", "name": "DRMI min-max, α = 4", "target": "c3f2", "budget": 600}, 97.34),
        ({"source": "Table 7", "name": "baseline", "target": "dnn5", "budget": 150}, 64.12),
        ({"source": "Table 8, transferability", "target": "lenet5", "pool": 1000, "budget": 200}, 57.90),
        ({"source": "Table 8, accuracy", "name": "Practical", "budget": 150}, 81.2),
        ({"source": "Table 11", "metric": "test_loss", "name": "CMAL", "budget": 300}, 0.5392),
        ({"source": "Table 6, MNIST", "budget": 60, "pool": 2000}, 82.09),
        ({"source": "Table 6, USPS", "budget": 300, "pool": 600}, 90.23),
        ({"paper": "MEGA", "metric": "accuracy", "dataset": "fashion-mnist", "name": "DFME"}, 15.90),
        ({"metric": "queries_to_best", "dataset": "mnist", "access": "label", "name": "DaST"}, 21_500_000),
        (
            {"source": "Table 4, label-only, targeted", "dataset": "fashion-mnist", "attack": "bim", "name": "MEGA-T"},
            28.46,
        ),
        (
            {
                "source": "Table 4, probability-only, untargeted",
                "dataset": "cifar10",
                "attack": "pgd",
                "name": "DFME-U",
            },
            47.19,
        ),
        ({"source": "Table 5, label-only, untargeted", "attack": "bim"}, 80.24),
        ({"dataset": "imagenet", "metric": "top5_accuracy", "value": 73.8}, 73.8),
        ({"dataset": "imagenet", "metric": "accuracy"}, 52.7),
    ],
)
def test_committed_figures_are_the_papers(printed: list[Reported], wanted: dict[str, object], value: float) -> None:
    assert values(printed, **wanted) == [value]


def test_tables_are_complete(printed: list[Reported]) -> None:
    sources = [f"{f.paper} {f.source}" for f in printed]
    sizes = {
        "DRMI Table 7": 33,
        "DRMI Table 8, transferability": 25,
        "DRMI Table 6, MNIST": 33,
        "DRMI Table 6, USPS": 29,
    }
    assert {source: sources.count(source) for source in sizes} == sizes
    once = [f for f in printed if f.suites != ("no-data-long",)]  # which plays some of the other suites' figures, too
    assert sum("MEGA Table 4" in f"{f.paper} {f.source}" for f in once) == 90


def test_what_is_not_in_the_text_of_table_6_is_marked(printed: list[Reported]) -> None:
    derived = values(printed, source="Table 6, MNIST", qualifier="derived")
    assert derived == [96.41, 95.57, 94.83, 94.50, 94.14, 93.01, 92.40, 91.76, 92.13, 90.85, 90.51]


def test_every_method_is_written_as_we_write_methods(printed: list[Reported]) -> None:
    assert all(Spec.parse(text).name for f in printed for text in f.method)


TABLE = (
    '[[table]]\nsource = "T"\nsuites = []\ndataset = "d"\naccess = "label"\nmetric = "m"\nprotocol = ""\ndiffers = ""\n'
)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            'paper = "P"\ncitation = "C"\n' + TABLE + 'figures = [{ name = "n", value = 1, vlaue = 2 }]',
            "vlaue' is not a key",
        ),
        (
            'paper = "P"\ncitation = "C"\ntables = 1\n' + TABLE + 'figures = [{ name = "n", value = 1 }]',
            "tables' is not a key",
        ),
        ('paper = "P"\ncitation = "C"\n' + TABLE + "figures = []", "value' Field required"),
        ('paper = "P"\ncitation = "C"\n' + TABLE, "list of 'figures'"),
        ("paper = ", "cannot be read"),
    ],
)
def test_a_malformed_file_is_one_sentence_with_file_and_key(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "reported" / "p.toml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SuiteError, match=says) as raised:
        read_papers([tmp_path])
    assert str(path) in str(raised.value)


def test_a_figures_reason_wins_over_its_tables(tmp_path: Path) -> None:
    figures_text = 'reason = "of all"\nfigures = [{ name = "n", value = 1, reason = "own" }, { name = "n", value = 2 }]'
    path = tmp_path / "reported" / "p.toml"
    path.parent.mkdir()
    path.write_text('paper = "P"\ncitation = "C"\n' + TABLE + figures_text, encoding="utf-8")
    assert [f.reason for f in read_papers([tmp_path])] == ["own", "of all"]
