"""Discovery: strangers' packages, good and bad, and what the catalogue says about them."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from benchbox.contracts import Access
from benchbox.errors import OptionError, PluginError, UnknownNameError
from benchbox.registry import Catalogue, Spec

Install = Callable[[str, str], None]

SELECTOR = """
import torch
from pydantic import Field
from benchbox.contracts import Options, Selector

class MineOptions(Options):
    step: int = Field(default=1, ge=1, description="rows from one choice to the next")

class Mine(Selector):
    '''Takes every step-th image.'''
    name = "mine"
    Options = MineOptions
    profiles = {"wide": {"step": 3}}

    def select(self, game, k):
        return torch.arange(len(game.pool)) * self.options.step % len(game.pool)
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Return a function that installs a distribution of one module."""
    monkeypatch.syspath_prepend(str(tmp_path / "site"))

    def installed(name: str, body: str) -> None:
        monkeypatch.delitem(sys.modules, name, raising=False)
        package(tmp_path / "site", name, body)

    return installed


def package(folder: Path, name: str, body: str) -> None:
    """Lay out an installed distribution, as pip leaves it, with an entry point."""
    folder.mkdir()
    (folder / f"{name}.py").write_text(textwrap.dedent(body))
    info = folder / f"{name}-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(f"[benchbox]\n{name} = {name}\n")


def hooked(body: str) -> str:
    return body + ("\nfrom benchbox.contracts import hookimpl\n@hookimpl\ndef benchbox_plugins():\n    return [Mine]\n")


def plugin_file(folder: Path, body: str = SELECTOR) -> Path:
    path = folder / "my-selector.py"
    path.write_text(body)
    return path


def test_an_installed_package_is_found_with_its_name_and_version(install: Install) -> None:
    install("stranger", hooked(SELECTOR))
    entry = Catalogue.discover().get("selector", "mine")
    assert (entry.package, entry.package_version, entry.needs) == ("stranger", "1.2", Access.LABEL)
    assert entry.summary == "Takes every step-th image."


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("import no_such_module", "ModuleNotFoundError"),
        ("1 / 0", "ZeroDivisionError"),
        (hooked(SELECTOR).replace("def benchbox_plugins", "def benchbox_plugin"), "benchbox_plugin"),
        (
            "from benchbox.contracts import hookimpl\n@hookimpl\ndef benchbox_plugins():\n    return [3]",
            "neither a plugin",
        ),
    ],
)
def test_a_broken_package_costs_a_row_and_the_rest_goes_on(body: str, said: str, install: Install) -> None:
    install("broken", body)
    catalogue = Catalogue.discover()
    assert [row.package for row in catalogue.broken] == ["broken"]
    assert said in catalogue.broken[0].error
    assert catalogue.get("selector", "random").package == "benchbox"
    with pytest.raises(PluginError, match=r"no selector 'mine'.*'broken'"):
        catalogue.get("selector", "mine")


@pytest.mark.parametrize(("version", "advice"), [(2, "install a newer benchbox"), (0, "newer release of the package")])
def test_a_package_for_another_contract_is_refused_with_what_it_needs(
    version: int, advice: str, install: Install, tmp_path: Path
) -> None:
    install("stranger", hooked(SELECTOR) + f"benchbox_contract = {version}\n")
    (broken,) = Catalogue.discover().broken
    assert broken.error.startswith(f"'stranger' needs version {version} of benchbox's plugin contract")
    assert advice in broken.error
    with pytest.raises(PluginError, match=f"needs version {version} of benchbox's plugin contract"):
        Catalogue.discover([plugin_file(tmp_path, SELECTOR + f"benchbox_contract = {version}\n")])


def test_two_plugins_of_one_name_name_both_packages(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    install("stranger", hooked(SELECTOR.replace('"mine"', '"mega"')))
    with pytest.raises(PluginError) as error:
        Catalogue.discover()
    assert "'mega'" in str(error.value)
    assert "'benchbox'" in str(error.value)
    assert "'stranger'" in str(error.value)
    monkeypatch.setenv("BENCHBOX_BLOCK", "stranger")
    assert Catalogue.discover().get("generator", "mega").package == "benchbox"


def test_a_single_file_needs_no_hook(tmp_path: Path) -> None:
    catalogue = Catalogue.discover([plugin_file(tmp_path)])
    assert catalogue.method("mine").package == str(tmp_path / "my-selector.py")


@pytest.mark.parametrize(
    ("body", "said"),
    [("x = 1", "holds no plugin"), ("import no_such_module", "ModuleNotFoundError"), ("def f(:", "SyntaxError")],
)
def test_a_file_without_a_plugin_is_refused(body: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=said):
        Catalogue.discover([plugin_file(tmp_path, body)])


def test_a_missing_file_is_refused() -> None:
    with pytest.raises(PluginError, match="does not exist"):
        Catalogue.discover([Path("nowhere.py")])


def test_options_are_validated_by_name_type_and_profile(tmp_path: Path) -> None:
    entry = Catalogue.discover([plugin_file(tmp_path)]).method("mine")
    assert entry.options(Spec.parse("mine[step=3]")) == entry.options(Spec.parse("mine[profile=wide]"))
    assert entry.canonical(entry.options(Spec.parse("mine[step=3]"))) == "mine[step=3]"
    assert entry.canonical(entry.options(Spec.parse("mine[step=1]"))) == "mine"
    with pytest.raises(OptionError, match=r"option 'step' of selector 'mine'.*greater than or equal to 1"):
        entry.options(Spec.parse("mine[step=0]"))
    with pytest.raises(OptionError, match=r"valid integer.*not 'x'"):
        entry.options(Spec.parse("mine[step=x]"))
    with pytest.raises(UnknownNameError, match="did you mean 'step'"):
        entry.options(Spec.parse("mine[stp=1]"))
    with pytest.raises(UnknownNameError, match="did you mean 'wide'"):
        entry.options(Spec.parse("mine[profile=wid]"))
    with pytest.raises(OptionError, match="takes no argument"):
        entry.options(Spec.parse("mine:3"))


def test_every_built_in_is_what_its_listing_says() -> None:
    catalogue = Catalogue.discover()
    for entry in catalogue.entries():
        assert entry.import_class().summary() == entry.summary
        for profile in entry.import_class().profiles:
            entry.options(Spec(entry.name, {"profile": profile}))


def test_listing_imports_neither_torch_nor_art() -> None:
    code = "import sys; from benchbox.registry import Catalogue; Catalogue.discover().entries(); print(sorted(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "'benchbox_plugins'" in out
    assert "'torch'" not in out
    assert "'art'" not in out
    assert "'sklearn'" not in out
