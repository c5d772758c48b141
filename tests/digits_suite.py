"""The smallest suite that can be played for real: selectors on digits, against LeNet-5, for labels."""

from __future__ import annotations

from collections.abc import Sequence


def digits_suite(
    *methods: str, seeds: int = 1, budgets: Sequence[int] = (20,), settings: str = "", attacks: str = ""
) -> str:
    """Return a suite file with one scenario, ``real data``.

    Args:
        methods: the scenario's, by name.
        seeds: how many.
        budgets: the scenario's.
        settings: further lines of the suite.
        attacks: the scenario's, as a list in TOML.
    """
    quoted = ", ".join(f'"{method}"' for method in methods)
    return f"""
title = "Trial"
datasets = ["digits"]
seeds = {seeds}
{settings}

[[scenario]]
name = "real data"
plays = "selector"
target = {{ model = "lenet5" }}
substitute = "lenet5"
trainer = "standard[updates=120,epochs=1]"
access = "label"
pool = {{ labels = true }}
budgets = {list(budgets)}
methods = [{quoted}]
{f"attacks = {attacks}" if attacks else ""}
"""
