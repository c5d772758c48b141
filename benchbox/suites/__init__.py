"""Suite files: TOML -> Suite -> Cell, and a cell's identity. Imports no torch."""

from benchbox.suites.cell import AttackPlan, Cell, PluginRef, Precision, Scenario, SearchPlan, TargetRef
from benchbox.suites.expand import Planned, expand
from benchbox.suites.files import load_suite, suite_files, suite_names, with_label
from benchbox.suites.games import method_labels
from benchbox.suites.pins import Sources
from benchbox.suites.selection import Selection, select
from benchbox.suites.setting import Setting
from benchbox.suites.suite import ScenarioTable, Suite
from benchbox.suites.tables import SuiteAttack

__all__ = [
    "AttackPlan",
    "Cell",
    "Planned",
    "PluginRef",
    "Precision",
    "Scenario",
    "ScenarioTable",
    "SearchPlan",
    "Selection",
    "Setting",
    "Sources",
    "Suite",
    "SuiteAttack",
    "TargetRef",
    "expand",
    "load_suite",
    "method_labels",
    "select",
    "suite_files",
    "suite_names",
    "with_label",
]
