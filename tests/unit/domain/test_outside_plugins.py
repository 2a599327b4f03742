"""Plug-ins from outside: found in the project that we are in and in installed packages, refused with what is wrong."""

import sys
import textwrap
from pathlib import Path

import pytest

from pitwall.domain.errors import PluginError
from pitwall.domain.params import load_params
from pitwall.domain.plugins import loaded, outside
from pitwall.domain.plugins.kinds import KINDS
from pitwall.domain.plugins.provenance import check_declared, origin, recorded
from pitwall.domain.project import Project
from pitwall.ml.estimators import estimators
from pitwall.ml.gates import gates
from pitwall.ml.templates import templates

TOP = """
    from dataclasses import replace
    from pitwall.ml.templates import template
    TEMPLATE = replace(template("podium"), name={name!r})
"""
STEPS = """
stages:
  train: {deps: [src/pitwall/domain, %s]}
  evaluate: {deps: [%s]}
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    root = tmp_path / "project"
    (root / "plugins").mkdir(parents=True)
    (root / "dvc.yaml").write_text("stages: {}\n")
    (root / "params.yaml").write_text("seed: 7\n")
    monkeypatch.setenv("PITWALL_HOME", str(root))
    return Project(root)


def name_files(project, **texts):
    for name, text in texts.items():
        (project.root / "plugins" / f"{name}.py").write_text(textwrap.dedent(text))
    project.params.write_text(f"seed: 7\nplugins: [{', '.join(f'plugins/{name}.py' for name in texts)}]\n")


def install(folder: Path, monkeypatch, package: str, points: str, **modules: str):
    (folder / package).mkdir(parents=True)
    for name, text in {"__init__": "", **modules}.items():
        (folder / package / f"{name}.py").write_text(textwrap.dedent(text))
    told = folder / f"{package}-1.2.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n")
    (told / "entry_points.txt").write_text(textwrap.dedent(points))
    monkeypatch.syspath_prepend(str(folder))


@pytest.fixture(autouse=True)
def _forget_modules():
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith(("pitwall_plugin", "bought")):
            del sys.modules[name]


def test_a_file_that_params_yaml_names_is_found_and_no_other(project):
    assert "top_five" not in templates()
    name_files(project, top_five=TOP.format(name="top_five"))
    (project.root / "plugins" / "idle.py").write_text("raise RuntimeError\n")
    assert {"podium", "top_five"} <= set(templates())
    assert origin(templates()["top_five"]) == "plugins/top_five.py"
    assert origin(templates()["podium"]) is None


def test_a_file_is_found_from_a_folder_below_and_forgotten_in_another_project(project, monkeypatch, tmp_path):
    name_files(project, top_five=TOP.format(name="top_five"))
    monkeypatch.delenv("PITWALL_HOME")
    monkeypatch.chdir(project.root / "plugins")
    assert "top_five" in templates()
    monkeypatch.chdir(tmp_path)
    assert "top_five" not in templates()


def test_a_changed_file_is_read_again(project):
    name_files(project, mine=TOP.format(name="one"))
    assert "one" in templates()
    name_files(project, mine=TOP.format(name="another"))
    assert "another" in templates()
    assert "one" not in templates()


BROKEN = {
    "no Python": ("x = (\n", "cannot be loaded: it is no Python"),
    "no constant": ("NAME = 1\n", "defines no constant.*TEMPLATE = "),
    "two constants": ("GATE = TEMPLATE = 1\n", "defines GATE and TEMPLATE"),
    "a crash": ("TEMPLATE = 1 / 0\n", "cannot be loaded: ZeroDivisionError"),
    "a wrong import of ours": ("import pitwall.nothing\nGATE = 1\n", "imports pitwall.nothing"),
    "no name": ("TEMPLATE = object()\n", "has no name"),
    "no family": ("class E:\n    name = 'mine'\nESTIMATOR = E()\n", "does not say which family"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_is_an_error_that_names_it(what, project):
    text, why = BROKEN[what]
    name_files(project, mine=text)
    with pytest.raises(PluginError, match=rf"(?s)plugins/mine\.py.*{why}"):
        templates()


def test_a_file_whose_extra_is_not_installed_is_skipped_with_a_line(project, caplog):
    name_files(project, mine="import a_package_that_nobody_has\nTEMPLATE = 1\n")
    assert "podium" in templates()
    assert "plugins/mine.py skipped: the package a_package_that_nobody_has" in caplog.text


@pytest.mark.parametrize(
    ("listed", "why"),
    [
        ("../elsewhere.py", "outside of the project"),
        ("plugins/missing.py", "no such Python file"),
        ("dvc.yaml", "no such Python file"),
        ("plugins/a.py, plugins/a.py", "twice"),
    ],
)
def test_a_path_that_cannot_be_a_plugin_is_refused(listed, why, project):
    (project.root.parent / "elsewhere.py").write_text(textwrap.dedent(TOP.format(name="x")))
    project.params.write_text(f"plugins: [{listed}]\n")
    with pytest.raises(PluginError, match=why):
        templates()


def test_a_link_that_leads_outside_is_refused(project):
    (project.root.parent / "elsewhere.py").write_text(textwrap.dedent(TOP.format(name="x")))
    (project.root / "plugins" / "mine.py").symlink_to(project.root.parent / "elsewhere.py")
    project.params.write_text("plugins: [plugins/mine.py]\n")
    with pytest.raises(PluginError, match="outside of the project"):
        templates()


def test_a_name_that_ships_is_refused_and_both_are_named(project):
    name_files(project, mine=TOP.format(name="podium"))
    with pytest.raises(PluginError, match=r"plugins/mine\.py.*'podium'.*pitwall\.ml\.templates\.podium"):
        templates()


def test_two_files_of_one_name_are_refused_and_both_are_named(project):
    name_files(project, one=TOP.format(name="same"), two=TOP.format(name="same"))
    with pytest.raises(PluginError, match=r"plugins/two\.py.*'same'.*plugins/one\.py"):
        templates()


MODULE = TOP.format(name="bought_top")
RULE = """
    from pitwall.ml.estimators.order._slots import SlotBaseline, rank_slots

    class Rule(SlotBaseline):
        family = {family!r}

    ESTIMATOR = Rule(name="bought_rule", needs=("grid",), slots=rank_slots("grid"))
"""


def test_packages_offer_a_module_or_the_plugin_itself(project, tmp_path, monkeypatch):
    points = """
        [pitwall.templates]
        any = bought.top
        [pitwall.estimators]
        rule = bought.rule:ESTIMATOR
    """
    install(tmp_path / "site", monkeypatch, "bought", points, top=MODULE, rule=RULE.format(family="order"))
    assert "bought_top" in templates()
    assert "bought_rule" in estimators("order")
    assert "bought_rule" not in estimators("binary")
    assert origin(estimators("order")["bought_rule"]) == "bought 1.2 (pitwall.estimators: bought.rule:ESTIMATOR)"
    assert recorded(project.root) == {"bought": "1.2"}


PACKAGES = {
    "a crash": ("[pitwall.templates]\nx = bought.bad", "bought 1.2.*cannot be loaded: ZeroDivisionError"),
    "no module": ("[pitwall.templates]\nx = bought.absent", "bought 1.2.*imports bought.absent"),
    "no such object": ("[pitwall.templates]\nx = bought:NOTHING", "bought 1.2.*AttributeError"),
    "no constant": ("[pitwall.templates]\nx = bought", "bought 1.2.*is a module without TEMPLATE"),
    "no kind": ("[pitwall.template]\nx = bought", "bought 1.2.*no kind of plug-in"),
}


@pytest.mark.parametrize("what", PACKAGES)
def test_a_broken_entry_point_is_an_error_that_names_it(what, project, tmp_path, monkeypatch):
    points, why = PACKAGES[what]
    install(tmp_path / "site", monkeypatch, "bought", points, bad="TEMPLATE = 1 / 0\n")
    with pytest.raises(PluginError, match=why):
        templates()


def test_a_package_whose_extra_is_missing_is_skipped_with_a_line(project, tmp_path, monkeypatch, caplog):
    install(tmp_path / "site", monkeypatch, "bought", "[pitwall.gates]\nx = bought.gate", gate="import nobody_has_it\n")
    assert "latency" in gates()
    assert "bought 1.2" in caplog.text
    assert "nobody_has_it is not installed" in caplog.text


def test_an_estimator_of_a_family_that_does_not_exist_is_refused(project, tmp_path, monkeypatch):
    install(
        tmp_path / "site", monkeypatch, "bought", "[pitwall.estimators]\nx = bought.r", r=RULE.format(family="odds")
    )
    with pytest.raises(PluginError, match="bought_rule.*'odds'.*binary, .*order, .*regression"):
        estimators("order")


def test_the_hash_of_a_file_is_recorded(project):
    name_files(project, mine=TOP.format(name="mine"))
    before = recorded(project.root)["plugins/mine.py"]
    assert before.startswith("sha256:")
    name_files(project, mine=TOP.format(name="other"))
    assert recorded(project.root)["plugins/mine.py"] != before


@pytest.mark.parametrize(
    ("train", "evaluate", "lacking"),
    [
        ("plugins/mine.py", "plugins", None),
        ("plugins/mine.py", "plugins/mine", "evaluate lack `- plugins/mine.py`"),
        ("src", "src", "train and evaluate lack `- plugins/mine.py`"),
    ],
)
def test_steps_must_depend_on_the_files_that_they_run(train, evaluate, lacking, project):
    name_files(project, mine=TOP.format(name="mine"))
    (project.root / "dvc.yaml").write_text(STEPS % (train, evaluate))
    if lacking is None:
        check_declared(project)
        return
    with pytest.raises(PluginError, match=lacking):
        check_declared(project)


def test_a_project_that_we_are_not_in_is_not_trained_without_its_plugins(project, monkeypatch, tmp_path):
    name_files(project, mine=TOP.format(name="mine"))
    monkeypatch.setenv("PITWALL_HOME", str(tmp_path))
    with pytest.raises(PluginError, match="set PITWALL_HOME"):
        check_declared(project)


def test_projects_without_plugins_record_nothing_of_them(project):
    assert recorded(project.root) == {}
    assert loaded() == ()
    assert "plugins" not in load_params(project.params).model_dump(mode="json")


def test_every_kind_is_asked_for_by_its_constant(project):
    assert all(outside(constant) == () for constant in KINDS)
    assert outside("NOTHING") == ()
