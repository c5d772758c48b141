"""``benchbox check``: the conformance kit on one plugin."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click

from benchbox.cli.options import data_dir_option, plugin_option
from benchbox.cli.output import print_json, prints_elsewhere, say
from benchbox.kinds import KINDS


@click.command("check", short_help="Check that a plugin keeps its contract.")
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), help="The plugin's kind, where two have one name.")
@plugin_option
@data_dir_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(
    ctx: click.Context, name: str, kind: str | None, plugins: tuple[Path, ...], data_dir: Path | None, as_json: bool
) -> None:
    """Check that a plugin keeps its contract.

    NAME is a method (selector, generator or query attack), trainer, attack, defence, data set or model, name[option=value].

    Plays toy games of a few seconds and holds one rule after the other against the plugin: what it pays and reads, what
    it depends on, what it says of itself. A line a rule; exit code 1 if it breaks one.
    """
    from benchbox.paths import checked_data_dir
    from benchbox.testing import Finding, Verdict, conformance

    findings: list[Finding] = []
    with prints_elsewhere(as_json):
        for finding in conformance(name, kind=kind, files=plugins, data_dir=checked_data_dir(data_dir)):
            findings.append(finding)
            if not as_json:
                said = f"  {finding.sentence}" if finding.sentence else ""
                say(f"{finding.verdict.value:8}{finding.rule}{said}")
    counts = Counter(finding.verdict for finding in findings)
    failed, skipped = counts[Verdict.FAILED], counts[Verdict.SKIPPED]
    if as_json:
        print_json([asdict(finding) for finding in findings])
    elif failed:
        say(f"{name} breaks {failed} of {len(findings)} rules")
    else:
        say(f"{name} keeps its contract: {counts[Verdict.PASSED]} rules{f', {skipped} skipped' if skipped else ''}")
    ctx.exit(1 if failed else 0)
