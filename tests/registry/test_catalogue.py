"""Discovery: strangers' packages, good and bad, and what the catalogue says about them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from strangers import SELECTOR, Install, hooked, plugin_file

from benchbox.contracts import Access, Threat
from benchbox.distribution import DISTRIBUTION
from benchbox.errors import OptionError, PluginError, UnknownNameError
from benchbox.registry import Catalogue, Row, Spec, load
from benchbox.registry.client import Helper
from benchbox.registry.loading import options_of


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
    assert catalogue.get("selector", "random").package == DISTRIBUTION
    with pytest.raises(PluginError, match=r"no selector 'mine'.*'broken'"):
        catalogue.get("selector", "mine")


@pytest.mark.parametrize(
    ("version", "advice"), [(3, "install a newer benchbox"), (0, "newer release"), (1, "an attack states threat")]
)
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
    assert f"'{DISTRIBUTION}'" in str(error.value)
    assert "'stranger'" in str(error.value)
    monkeypatch.setenv("BENCHBOX_BLOCK", "stranger")
    assert Catalogue.discover().get("generator", "mega").package == DISTRIBUTION


def test_a_single_file_needs_no_hook(tmp_path: Path) -> None:
    catalogue = Catalogue.discover([plugin_file(tmp_path)])
    assert catalogue.method("mine").package == str(tmp_path / "my-selector.py")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("x = 1", "holds no plugin: subclass"),
        (SELECTOR.replace("def select", "def choose"), "selector 'mine' does not write select"),
        ("import no_such_module", "ModuleNotFoundError"),
        ("def f(:", "SyntaxError"),
    ],
)
def test_a_file_without_a_plugin_is_refused(body: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=said):
        Catalogue.discover([plugin_file(tmp_path, body)])


def test_a_missing_file_is_refused() -> None:
    with pytest.raises(PluginError, match="does not exist"):
        Catalogue.discover([Path("nowhere.py")])


def test_options_are_validated_by_name_type_and_profile(tmp_path: Path) -> None:
    catalogue = Catalogue.discover([plugin_file(tmp_path)])
    assert catalogue.resolve("method", "mine[step=3]").options == {"step": 3}
    assert catalogue.resolve("method", "mine[step=3]") == catalogue.resolve("selector", "mine[profile=wide]")
    assert catalogue.resolve("method", "mine[step=3]").spec == "mine[step=3]"
    assert catalogue.resolve("method", "mine[step=1]").spec == "mine"
    for text, error, said in (
        ("mine[step=0]", OptionError, r"option 'step' of selector 'mine' \(here\).*greater than or equal to 1"),
        ("mine[step=x]", OptionError, r"valid integer.*not 'x'"),
        ("mine[stp=1]", UnknownNameError, "did you mean 'step'"),
        ("mine[profile=wid]", UnknownNameError, "did you mean 'wide'"),
        ("mine:3", OptionError, "takes no argument"),
        ("mine[", OptionError, "is not a plugin"),
    ):
        with pytest.raises(error, match=said) as there:
            catalogue.resolve("method", text, "here")
        if text != "mine[":
            with pytest.raises(error) as here:
                options_of(catalogue.get("selector", "mine"), Spec.parse(text), "here")
            assert str(here.value) == str(there.value)


def test_what_planning_asks_of_a_class_is_what_the_class_says() -> None:
    catalogue = Catalogue.discover()
    cpb = catalogue.resolve("method", "cpb[answers=granted]")
    assert (cpb.needs, cpb.insider, cpb.nested) == (Access.PROBABILITIES, True, False)
    assert catalogue.resolve("method", "random").nested is True
    assert catalogue.resolve("attack", "pgd[profile=drmi-imagenet]").threat == Threat("2", 16.4)
    assert catalogue.resolve("attack", "bim[eps=0.1]").threat == Threat("inf", 0.1)
    assert catalogue.resolve("generator", "mega").nested is None


def test_several_are_resolved_at_once_and_what_fails_is_left_to_the_one_who_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    catalogue = Catalogue.discover()
    catalogue.prepare([("method", "random"), ("attack", "pgd"), ("method", "nothing"), ("attack", "pgd[epsilon=1]")])
    monkeypatch.setattr(Helper, "run", lambda *_: pytest.fail("it was asked again"))
    assert catalogue.resolve("attack", "pgd").row.name == "pgd"
    with pytest.raises(UnknownNameError):
        catalogue.resolve("method", "nothing")


def test_a_catalogue_is_plain_data(tmp_path: Path) -> None:
    catalogue = Catalogue.discover([plugin_file(tmp_path)])
    again = Catalogue.from_json(catalogue.to_json())
    assert again.entries() == catalogue.entries()
    assert (again.suite_folders, again.target_folders, again.files) == (
        catalogue.suite_folders,
        catalogue.target_folders,
        catalogue.files,
    )
    row = again.get("selector", "mine")
    assert Row.model_validate_json(row.model_dump_json()) == row


def test_every_built_in_is_what_its_listing_says_and_known_as_ours() -> None:
    for row in Catalogue.discover().entries():
        plugin = load(row)
        assert plugin.summary() == row.summary
        assert row.builtin
        for profile in plugin.profiles:
            options_of(row, Spec(row.name, {"profile": profile}))


def test_a_class_that_is_not_what_its_row_says_is_refused() -> None:
    row = Catalogue.discover().get("selector", "random")
    with pytest.raises(PluginError, match=r"is listed as .* but its class says"):
        load(row.model_copy(update={"version": 99}))
    with pytest.raises(PluginError, match="could not be imported: AttributeError"):
        load(row.model_copy(update={"target": row.target + "x"}))


def test_a_package_that_takes_our_name_is_not_ours(install: Install) -> None:
    install("stranger", hooked(), distribution=DISTRIBUTION)
    rows = Catalogue.discover().entries()
    assert [row.name for row in rows] == ["mine"]
    assert not rows[0].builtin


def again(row: Row) -> Row:
    """Return the row as another process would have it, with nothing worked out yet."""
    return Row.model_validate_json(row.model_dump_json())


def test_two_files_of_one_stem_are_two_modules(tmp_path: Path) -> None:
    files = [plugin_file(tmp_path / name, SELECTOR.replace('"mine"', f'"{name}"')) for name in ("one", "other")]
    catalogue = Catalogue.discover(files)
    classes = [load(catalogue.get("selector", name)) for name in ("one", "other")]
    assert [cls.name for cls in classes] == ["one", "other"]
    assert classes == [load(catalogue.get("selector", name)) for name in ("one", "other")]


def test_a_file_imports_what_lies_beside_it_and_its_source_is_both(tmp_path: Path) -> None:
    (tmp_path / "beside_it.py").write_text('NAME = "mine"\n')
    path = plugin_file(tmp_path, SELECTOR.replace('name = "mine"', "name = NAME") + "\n")
    path.write_text("from beside_it import NAME\n" + path.read_text())
    before = Catalogue.discover([path]).get("selector", "mine")
    first = before.source
    assert load(before).name == "mine"
    (tmp_path / "beside_it.py").write_text('NAME = "mine"  # changed\n')
    assert again(before).source != first
    second = again(before).source
    (tmp_path / "another.py").write_text("x = 1\n")
    assert again(before).source == second


def test_the_source_of_a_package_is_all_of_its_files(install: Install, tmp_path: Path) -> None:
    install("stranger", hooked())
    row = Catalogue.discover().get("selector", "mine")
    assert row.roots == (tmp_path / "site" / "stranger.py",)
    first = row.source
    (tmp_path / "site" / "stranger.py").write_text(hooked() + "\n# changed\n")
    assert again(row).source != first


def test_a_distribution_without_metadata_goes_by_the_name_of_its_folder(install: Install) -> None:
    install("stranger", hooked(), metadata=False)
    row = Catalogue.discover().get("selector", "mine")
    assert (row.package, row.package_version) == ("stranger", "1.2")


def test_a_broken_list_of_entry_points_is_passed_over(install: Install, tmp_path: Path) -> None:
    install("stranger", hooked())
    (tmp_path / "site" / "stranger-1.2.dist-info" / "entry_points.txt").write_bytes(b"[benchbox]\n\xff = \n[[")
    assert Catalogue.discover().get("selector", "random").builtin


def test_listing_imports_no_plugin_and_nothing_heavy() -> None:
    code = (
        "import sys; from benchbox.registry import Catalogue; "
        "assert Catalogue.discover().entries(); print(sorted(sys.modules))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    for module in ("benchbox_plugins", "torch", "art", "sklearn", "numpy", "pandas"):
        assert f"'{module}'" not in out
