"""The notation name[option=value] and name:ARGUMENT."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from benchbox.errors import OptionError, nearest, shown
from benchbox.registry.spec import Spec, combinations, render, split
from benchbox.registry.values import check_numbers, read


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("random", Spec("random")),
        ("drmi[]", Spec("drmi")),
        ("drmi[alpha=4, bins=16]", Spec("drmi", {"alpha": "4", "bins": "16"})),
        ("npz:/data/my,faces[1].npz", Spec("npz", argument="/data/my,faces[1].npz")),
        (r"npz[path=a\,b\].npz]", Spec("npz", {"path": "a,b].npz"})),
        ("x[inner=drmi[alpha=1,bins=2],k=3]", Spec("x", {"inner": "drmi[alpha=1,bins=2]", "k": "3"})),
    ],
)
def test_it_reads(text: str, spec: Spec) -> None:
    assert Spec.parse(text) == spec


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not a plugin"),
        ("drmi[alpha=4", "is not a plugin"),
        ("drmi alpha=4", "is not a plugin"),
        ("drmi[alpha]", "'alpha' in 'drmi[alpha]' in suite 'x' is not an option"),
        ("drmi[alpha=1,alpha=2]", "stands twice"),
    ],
)
def test_it_refuses_in_one_sentence(text: str, said: str) -> None:
    with pytest.raises(OptionError) as error:
        Spec.parse(text, "suite 'x'")
    assert said in str(error.value)
    assert "suite 'x'" in str(error.value)


def test_what_it_writes_it_reads_back() -> None:
    text = render("drmi", {"search": "min-sum", "alpha": 4.0, "swap": True})
    assert text == "drmi[alpha=4.0,search=min-sum,swap=true]"
    assert Spec.parse(text).options == {"alpha": "4.0", "search": "min-sum", "swap": "true"}


def test_commas_within_brackets_do_not_separate() -> None:
    assert split("a[x=1,y=2],b") == ["a[x=1,y=2]", "b"]


def test_a_backslash_makes_commas_and_brackets_part_of_a_name() -> None:
    assert split(r"npz:a\,b.npz,digits") == ["npz:a,b.npz", "digits"]
    assert split(r"npz:a\[1.npz,digits") == ["npz:a[1.npz", "digits"]
    assert split(r"npz:C:\a\b.npz,digits") == [r"npz:C:\a\b.npz", "digits"]


@pytest.mark.parametrize(
    ("annotation", "value", "written"),
    [
        (int | None, None, "x[a=null]"),
        (int | None, 3, "x[a=3]"),
        (tuple[int, ...], [1, 2], "x[a=[1, 2]]"),
        (list[str], ["a,b", "]", 'c"d'], None),
        (Annotated[tuple[float, ...] | None, Field()], [0.5], "x[a=[0.5]]"),
        (dict[str, int], {"k": 1, "l,": 2}, None),
        (str, "plain", "x[a=plain]"),
        (str, "drmi[alpha=1,bins=2]", "x[a=drmi[alpha=1,bins=2]]"),
        (str, "a,b", 'x[a="a,b"]'),
        (str, " [", 'x[a=" ["]'),
        (str, '"quoted"', None),
        (str, 'a "quoted, word"', None),
        (str, "two\nlines", None),
        (str, "null", "x[a=null]"),
    ],
)
def test_what_a_table_shows_is_read_back_as_the_same_value(annotation: Any, value: Any, written: str | None) -> None:
    text = render("x", {"a": value, "b": 1})
    if written is not None:
        assert text == f"{written[:-1]},b=1]"
    assert split(text) == [text]
    options = Spec.parse(text).options
    assert set(options) == {"a", "b"}
    found = read(options["a"], annotation, "option 'a'")
    assert found in (value, str(value)), found  # numbers are read by the option's own type


@pytest.mark.parametrize(
    ("text", "annotation", "value"),
    [
        ("8/255", float, 8 / 255),
        (" 0.5 / 2".strip(), float | None, 0.25),
        ("8/255", str, "8/255"),
        ("8/255", int, "8/255"),
        ("null", str, "null"),
        ("[a", str, "[a"),
        ("2", Literal["inf", "2"], "2"),
    ],
)
def test_a_text_means_what_the_options_type_makes_of_it(text: str, annotation: Any, value: Any) -> None:
    assert read(text, annotation, "option 'a'") == value


@pytest.mark.parametrize(
    ("text", "annotation", "said"),
    [
        ("1_0", int, "should be a number in digits, not '1_0'"),
        ("1/0", float, "divides by 0"),
        ("[1, 2", list[int], "is not a list"),
        ("[" * 100_000, list[int], "is not a list"),
        ('"a" b"', str, "quoted text as JSON writes it"),
    ],
)
def test_a_text_that_means_nothing_is_refused_in_one_short_sentence(text: str, annotation: Any, said: str) -> None:
    with pytest.raises(OptionError, match="option 'a'") as error:
        read(text, annotation, "option 'a'")
    assert said in str(error.value)
    assert len(str(error.value)) < 250


def test_what_json_and_tensors_cannot_hold_is_no_value_of_an_identity() -> None:
    check_numbers([1.0, {"k": 2}], "option 'a'")
    with pytest.raises(OptionError, match="option 'a' should be a finite number, not inf"):
        check_numbers([1.0, {"k": float("inf")}], "option 'a'")
    check_numbers([2**63 - 1, -(2**63), True], "option 'a'")
    with pytest.raises(
        OptionError, match="option 'a' should be a whole number of at most 64 bits, not 9223372036854775808"
    ):
        check_numbers([1, {"k": 2**63}], "option 'a'")


def test_the_nearest_name_is_found_whatever_its_case() -> None:
    assert nearest("PGD", ["pgd", "fgsm"]) == "did you mean 'pgd'?"
    assert nearest("mnist", ["MNIST"]) == "did you mean 'MNIST'?"
    assert nearest("x" * 100_000, ["pgd"]) == "known: pgd"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\x1b[2J\nb", "a\\x1b[2J\\nb"),
        ("x" * 81, "x" * 77 + "..."),
        pytest.param(10**5000, "a number of about 5000 digits", id="endless"),
        (True, "True"),
    ],
)
def test_what_was_written_is_repeated_in_one_line_of_80_characters(value: object, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize(
    ("grid", "options"),
    [
        ("drmi", [{}]),
        ("drmi[alpha=1]", [{"alpha": "1"}]),
        ("drmi[alpha=1, 2,2]", [{"alpha": "1"}, {"alpha": "2"}]),
        ("x[a=1,2,b=u,v]", [{"a": a, "b": b} for a in "12" for b in "uv"]),
        ("x[sizes=[1,2],[3]]", [{"sizes": "[1,2]"}, {"sizes": "[3]"}]),
        ("x[by=y[k=1,j=2],z[k=3]]", [{"by": "y[k=1,j=2]"}, {"by": "z[k=3]"}]),
        ('x[text="a,b=c","]"]', [{"text": '"a,b=c"'}, {"text": '"]"'}]),
        (r"npz[path=a\,b\].npz,c.npz]", [{"path": "a,b].npz"}, {"path": "c.npz"}]),
    ],
)
def test_a_grid_stands_for_every_combination(grid: str, options: list[dict[str, str]]) -> None:
    assert [Spec.parse(text).options for text in combinations(grid)] == options


@pytest.mark.parametrize(
    ("grid", "said"),
    [
        ("drmi[1,2]", "'1' in 'drmi[1,2]' is not an option"),
        ("drmi[alpha=1,alpha=2]", "'alpha' stands twice"),
        ("drmi[alpha=1,2", "is not a plugin"),
        (f"x[a={','.join(map(str, range(40)))},b={','.join(map(str, range(40)))}]", "stands for 1,600 methods"),
    ],
)
def test_what_is_no_grid_is_one_sentence(grid: str, said: str) -> None:
    with pytest.raises(OptionError) as error:
        combinations(grid)
    assert said in str(error.value)
