"""The commands of the questions that are asked are executed, and say what the answers say."""

from __future__ import annotations

from pathlib import Path

import pages


def test_its_commands_answer_as_it_says(tmp_path: Path) -> None:
    output = pages.play("faq.md", tmp_path)
    run = "benchbox run --suite smoke --scenario queries --seeds 1"
    assert "1 cell done" in output[run]
    assert "nothing to run" in output[f"{run} (again)"]
    assert "one data set is 30 cells" in output["benchbox suites label-only"]
    assert all(name in output["benchbox plugins --kind selector"] for name in ("drmi", "random"))
    assert "benchbox check my-selector" in output["benchbox new selector my-selector"]
    assert "sealed" in output["benchbox doctor"]
