"""An estimator of an installed package, a template and a gate of the project: trained, judged, backtested, forecast, found lacking."""

import json
import sys
from dataclasses import dataclass
from importlib import invalidate_caches
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace

import pytest

from pitwall.domain.errors import PluginError
from pitwall.domain.params import load_params
from pitwall.domain.project import Project
from pitwall.domain.tables import save_tables
from pitwall.ml.backtest.engine import forecast_seasons
from pitwall.ml.backtest.plan import make_plan
from pitwall.ml.backtest.sources import source_hash
from pitwall.ml.estimators import estimator
from pitwall.ml.forecasting.forecast import forecast
from pitwall.ml.gates._candidates import judge, load_candidate
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.rows import row_kind
from pitwall.ml.training import steps
from pitwall.ml.training.training_job import TrainingJob, training_job
from pitwall.testing import FakeRegistry, FakeTracker
from pitwall.testing.worlds.forecasts import GROUPS, NAME, NEXT, FrameReader
from pitwall.testing.worlds.tiny import FIRST_SEASON, tiny_tables
from pitwall.tracking.sections.code import code
from pitwall.workflows.train import train
from pitwall.workflows.workspace import Workspace

pytestmark = pytest.mark.slow

PACKAGE = "bought_grid"
RULE = """
    from pitwall.ml.estimators.order.plackett_luce_trees import PlackettLuceTrees
    from .taste import NEEDS

    class Trees(PlackettLuceTrees):
        name, family, needs = "bought", "order", NEEDS

    ESTIMATOR = Trees()
"""
TASTE = 'NEEDS = ("grid", "qualifying_gap_pct")\n'
TOP_FIVE = """
    from dataclasses import replace
    from functools import partial
    from pitwall.ml.families.order.answer import up_to
    from pitwall.ml.families.order.outcome import within
    from pitwall.ml.templates import template

    def five(season):
        return 5

    TEMPLATE = replace(template("podium"), name="top_five", title="P(top five)", cars=five,
                       label=partial(within, cars=five), answer=partial(up_to, cars=five))
"""
GATE = """
    from pitwall.domain.refs import Verdict
    from pitwall.ml.gates import Gate

    GATE = Gate("house_rule", "House rule", lambda seen: [Verdict("house_rule", False, None, None, "", "never")], lambda c: c)
"""
PARAMS = f"""
plugins: [plugins/top_five.py, plugins/house_rule.py]
models:
  order: {{estimator: bought, first_season: {FIRST_SEASON}, stages: [pre_race]}}
training: {{held_out_seasons: 1, validation_seasons: 1}}
gates: {{bootstrap_draws: 200}}
"""
DVC = "stages: {train: {deps: [plugins]}, evaluate: {deps: [plugins/top_five.py]}}\n"


@dataclass
class World:
    job: TrainingJob
    registry: FakeRegistry
    reader: FrameReader
    site: Path


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    root, site = tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("site")
    for path, text in {
        root / "params.yaml": PARAMS,
        root / "dvc.yaml": DVC,
        root / "plugins" / "top_five.py": TOP_FIVE,
        root / "plugins" / "house_rule.py": GATE,
        site / PACKAGE / "__init__.py": "",
        site / PACKAGE / "taste.py": TASTE,
        site / PACKAGE / "rule.py": RULE,
        site / f"{PACKAGE}-1.2.dist-info" / "METADATA": f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: 1.2\n",
        site / f"{PACKAGE}-1.2.dist-info" / "entry_points.txt": f"[pitwall.estimators]\nrule = {PACKAGE}.rule\n",
    }.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PITWALL_HOME", str(root))
        patch.syspath_prepend(str(site))
        project = Project(root)
        tables = tiny_tables(seasons=4, races=6, cars=8, upcoming=3)
        job, reader, registry = (
            training_job(project, load_params(project.params), NAME),
            FrameReader(tables, GROUPS),
            FakeRegistry(),
        )
        save_tables(tables, project.tables)
        project.frames.mkdir(parents=True)
        reader.historical(row_kind("race_driver").spine(tables, "pre_race"), "order").to_parquet(
            project.frame(NAME), index=False
        )
        tracker, clean = FakeTracker(), SimpleNamespace(stale=lambda _: [], hashes=dict)
        ref = train(Workspace(project, tracker=tracker, runs=tracker, registry=registry, versions=clean), NAME)
        registry.set_alias(NAME, "champion", ref.version)
        yield World(job, registry, reader, site)
    for name in [name for name in sys.modules if name.startswith((PACKAGE, "pitwall_plugin"))]:
        del sys.modules[name]


def test_the_question_of_the_project_is_scored_and_its_gate_asked(world):
    report = json.loads((world.job.project.reports / f"{NAME}.json").read_text())
    assert 0 < report["top_five"]["brier"]["bought"]["value"] < 0.25
    verdicts = judge(load_candidate(world.job, world.registry, world.registry.get(NAME, 1)))
    assert [verdict.passed for verdict in verdicts if verdict.gate == "house_rule"] == [False]
    assert "top_five" in {verdict.template for verdict in verdicts}


def test_the_next_race_is_forecast(world):
    made = forecast(world.job, world.registry, world.reader, {})
    assert (made.race, made.estimator) == (NEXT, "bought")
    assert sum(row.answers["top_five"] for row in made.rows) == pytest.approx(5, abs=1e-4)


def test_a_fresh_worker_process_finds_them(world):
    plan = make_plan(world.job.project, world.job.params, "pre_race", seasons=[FIRST_SEASON + 3], only=["bought"])
    made = forecast_seasons(plan, workers=1)
    assert "bought" in set(made.predictions["estimator"])


def test_every_file_that_a_package_runs_decides_whether_a_fold_is_fitted_again(world):
    before = source_hash(estimator("order", "bought"))
    assert source_hash(estimator("order", "bought")) == before
    for name in ("rule.py", "taste.py"):
        path = world.site / PACKAGE / name
        text = path.read_text()
        path.write_text(text + "# another taste\n")
        assert source_hash(estimator("order", "bought")) != before
        path.write_text(text)
    assert source_hash(estimator("order", "bought")) == before


def test_the_model_says_which_plugin_it_lacks(world, monkeypatch):
    folder = world.job.target / "model"
    assert FittedModel.load(folder).name == "bought"
    assert "plugins" not in (world.job.target / "baseline" / "recipe.json").read_text()
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry != str(world.site)])
    invalidate_caches()
    with pytest.raises(
        PluginError, match=rf"order-pre_race was made with {PACKAGE} 1\.2.*not found here.*install the package"
    ):
        FittedModel.load(folder)


def test_training_and_promotion_are_refused_while_dvc_does_not_watch_a_file(world, monkeypatch):
    dvc = world.job.project.root / "dvc.yaml"
    before = dvc.read_text()
    dvc.write_text("stages: {train: {deps: [src]}}\n")
    try:
        with pytest.raises(PluginError, match=r"train lack `- plugins/top_five\.py`"):
            steps.open_run(world.job, FakeTracker(), {})
        with pytest.raises(PluginError, match="Add the line below `deps:`"):
            load_candidate(world.job, world.registry, world.registry.get(NAME, 1))
    finally:
        dvc.write_text(before)


def test_a_manifest_names_files_and_packages(world):
    section, _ = code(world.job.project.root)
    assert section["plugins"][PACKAGE] == "1.2"
    assert set(section["plugins"]) == {"plugins/top_five.py", "plugins/house_rule.py", PACKAGE}
