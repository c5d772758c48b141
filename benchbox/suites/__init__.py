"""Suite files: TOML -> Suite -> Cell, and a cell's identity."""

from benchbox.suites.cell import AttackPlan, Cell, PluginRef, Scenario, TargetRef
from benchbox.suites.suite import ScenarioTable, Suite, SuiteAttack
from benchbox.suites.files import load_suite, suite_names

__all__ = [
    "AttackPlan",
    "Cell",
    "PluginRef",
    "Scenario",
    "ScenarioTable",
    "Suite",
    "SuiteAttack",
    "TargetRef",
    "load_suite",
    "suite_names",
]
