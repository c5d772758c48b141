"""Examples of every command, which stand at the end of its help; a test reads each as the command line would."""

from __future__ import annotations

EXAMPLES = {
    "": ("benchbox suites", "benchbox run --suite smoke", "benchbox leaderboard --print", "benchbox run --help"),
    "run": (
        "benchbox run --suite label-only --jobs 2",
        "benchbox run --suite label-only --method drmi --method random --seeds 3 --dry-run",
        'benchbox run --suite label-only --method "drmi[alpha=2]" --budgets 50,100 --db my.db',
    ),
    "sweep": (
        'benchbox sweep "drmi[alpha=1,2,4]" --suite label-only --jobs 2',
        'benchbox sweep "drmi[search=min-sum,facility]" random --suite label-only --seeds 2 --budgets 50,150 --dry-run',
    ),
    "audit": ("benchbox audit --target mynet.pt --model mynet:Net --data faces.npz --pool others.npz --out audit",),
    "suites": ("benchbox suites", "benchbox suites label-only"),
    "plugins": ("benchbox plugins --kind attack", "benchbox plugins drmi"),
    "check": ("benchbox check drmi",),
    "new": ("benchbox new selector my-selector",),
    "targets": ("benchbox targets", "benchbox targets --train digits/lenet5"),
    "targets add": ("benchbox targets add mine mynet.pt --model mynet:Net --dataset npz:faces.npz",),
    "targets remove": ("benchbox targets remove mine",),
    "results": (
        "benchbox results --suite label-only --metric accuracy --sort -value",
        "benchbox results --method drmi --budget 100 --csv",
    ),
    "show": ("benchbox show CELL", "benchbox show CELL --json"),
    "leaderboard": (
        "benchbox leaderboard --open",
        "benchbox leaderboard --suite label-only --print",
        "benchbox leaderboard --db mine.db --beside results.db --out mine-and-public",
    ),
    "plot": (
        "benchbox plot --suite label-only --dataset mnist --scenario 'real data' --out accuracy.svg",
        "benchbox plot --suite label-only --dataset mnist --scenario 'real data' --metric fidelity --out fidelity.png",
    ),
    "defences": ("benchbox defences --db defended.db",),
    "submit": (
        "benchbox submit --suite label-only --dataset digits --method mine --plugin mine.py --out submissions/mine",
    ),
    "verify": (
        "benchbox verify submissions/mine",
        "benchbox verify submissions/mine --sample 5 --into results.db",
    ),
    "baseline": ("benchbox baseline save mine --suite gate", "benchbox baseline show mine"),
    "baseline save": ("benchbox baseline save mine --suite gate --db before.db",),
    "baseline show": ("benchbox baseline show mine",),
    "compare": ("benchbox compare mine --db after.db --fail",),
    "doctor": ("benchbox doctor",),
    "db": ("benchbox db upgrade --db results.db",),
    "db upgrade": ("benchbox db upgrade --db results.db",),
    "merge": ("benchbox merge other.db another.db --db results.db",),
}
"""By command, and command of a group; first the program's own."""


def epilog(command: str) -> str:
    """Return the end of a command's help; the program's own where ``command`` is empty."""
    return "\n".join(("\b", "Examples:", *(f"  {line}" for line in EXAMPLES[command])))
