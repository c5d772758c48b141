"""Records the golden numbers anew: ``python tests/benchbox_plugins/golden/renew.py [NAME ...]``, all of them without a name.

Run it after you raised the version of a plugin whose results you changed, and on the machine kind that the file names
(all, without names, on another one). What it writes is in the commit's diff: read it.
"""

from __future__ import annotations

import json
import sys

from golden_cases import CASES, FILE, environment, play, recorded


def main(names: list[str]) -> None:
    unknown = set(names) - {case.name for case in CASES}
    if unknown:
        sys.exit(f"no golden case of {', '.join(sorted(unknown))}")
    kept = recorded() if names else {"environment": environment(), "values": {}}
    if kept["environment"] != environment():
        sys.exit(
            f"the other numbers are of {kept['environment']}; this is another machine kind: renew all, without names"
        )
    wanted = [case for case in CASES if not names or case.name in names]
    values = {key: value for key, value in kept["values"].items() if key in {case.id for case in CASES}}
    values |= {case.id: {"version": case.row.version, **play(case)} for case in wanted}
    ordered = {case.id: values[case.id] for case in CASES if case.id in values}
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in ordered.items())
    FILE.write_text(
        f'{{"environment": {json.dumps(kept["environment"])},\n"values": {{\n{lines}\n}}}}\n', encoding="utf-8"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
