"""The notation name[option=value] and name:ARGUMENT."""

from __future__ import annotations

import pytest

from benchbox.errors import OptionError
from benchbox.registry.spec import Spec, render, split


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
