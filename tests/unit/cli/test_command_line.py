"""The command line as a user meets it: quick help, near names, exit codes, JSON that has standard output for itself.

One file, because each command is called in the same project, in which nothing was run.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from pitwall.cli import main
from pitwall.cli._examine import CHECKS
from pitwall.cli._layers import as_mermaid, as_text, parts
from pitwall.domain.records.stored_forecasts import file_name
from pitwall.sources import sources

REPO = Path(__file__).resolve().parents[3]
HEAVY = ("pandas", "numpy", "mlflow", "prefect", "feast", "dvc", "torch", "xgboost", "sklearn", "optuna", "matplotlib")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in which nothing was run."""
    for name in ("dvc.yaml", "params.yaml"):
        shutil.copy(REPO / name, tmp_path / name)
    monkeypatch.setenv("PITWALL_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run `pitwall ARGUMENTS` in this process and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["pitwall", *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


def test_help_loads_no_heavy_module() -> None:
    program = (
        "import sys\nsys.argv = ['pitwall', '--help']\nfrom pitwall.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"sys.stderr.write(' '.join(name for name in {HEAVY!r} if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    for command in ("doctor", "data", "run", "train", "promote", "forecast", "ui"):
        assert command in done.stdout


def words_of(group: typer.Typer, above: str = "") -> set[str]:
    """Return the words of all commands and groups below a group."""
    words = {f"{above}{each.name}" for each in group.registered_commands}
    for each in group.registered_groups:
        assert each.typer_instance is not None
        words |= {f"{above}{each.name}", *words_of(each.typer_instance, f"{above}{each.name} ")}
    return words


def test_every_file_of_the_folder_is_on_the_command_line() -> None:
    """A command is one file: what no list names is found, and what a file adds is there under the words that it says."""
    from pitwall import cli
    from pitwall.cli._app import app
    from pitwall.domain.plugins import discover

    found = {entry.words for each in discover(cli, "COMMANDS").values() for entry in each.entries}
    assert found <= words_of(app)
    assert {"train", "registry approve", "features skew", "data", "run", "exp alert test"} <= found
    assert all(f" {each.name}" in (each.epilog or "") for each in app.registered_commands)


@pytest.mark.parametrize(
    "command",
    [
        ("doctor",),
        ("data", "use"),
        ("data", "status"),
        ("data", "undo"),
        ("run", "race-weekend"),
        ("train",),
        *(("exp", command) for command in ("show", "diff", "lint", "doc", "name", "check-name")),
        *(("exp", "alert", command) for command in ("list", "test", "resend")),
        ("lineage",),
        ("reproduce",),
        ("promote",),
        ("forecast",),
        ("features", "materialise"),
        ("features", "skew"),
        ("ui",),
        ("upgrade",),
    ],
)
def test_every_command_shows_an_example(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, *command, "--help") == 0
    assert f"Example: pitwall {' '.join(command)}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "near"),
    [
        (("forcast",), "forecast"),
        (("run", "race-weeknd"), "race-weekend"),
        (("data", "use", "synthetik"), "synthetic"),
        (("train", "order-pre_rac"), "order-pre_race"),
        (("promote", "race_winer"), "race_winner"),
        (("forecast", "--template", "podum"), "podium"),
        (("reproduce", "abc", "--from", "frame"), "frames"),
        (("reproduce", "abc", "--data", "curent"), "current"),
    ],
)
def test_a_typo_is_a_usage_error_with_the_near_name(
    project: Path,
    arguments: tuple[str, ...],
    near: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert call(monkeypatch, *arguments) == 2
    assert f"did you mean '{near}'" in capsys.readouterr().err.lower()


@pytest.mark.parametrize(
    "command", [("doctor",), ("data", "status"), ("train",), ("forecast",), ("run", "race-weekend"), ("upgrade",)]
)
def test_outside_a_project_every_command_says_so(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PITWALL_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    assert call(monkeypatch, *command) == 2
    assert "no Pitwall project" in capsys.readouterr().err


def test_data_use_keeps_comments_and_writes_the_location_from_the_root(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (project / "params.yaml").read_text()
    assert call(monkeypatch, "data", "use", "synthetic", "--json", "-") == 0
    printed = capsys.readouterr()
    answer = json.loads(printed.out)
    assert answer["source"] == "synthetic"
    assert answer["rows"]
    assert "pitwall run race-weekend" in printed.err
    assert (project / "params.yaml").read_text() == before


def test_data_use_of_a_bad_place_changes_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (project / "params.yaml").read_bytes()
    (project / "empty").mkdir()
    assert call(monkeypatch, "data", "use", "ergast", "--location", "nowhere") == 1
    assert "nowhere" in capsys.readouterr().err
    assert call(monkeypatch, "data", "use", "ergast", "--location", "empty") == 1
    assert call(monkeypatch, "data", "use", "ergast") == 2
    assert call(monkeypatch, "data", "use", "synthetic", "--location", "empty") == 2
    assert (project / "params.yaml").read_bytes() == before
    assert sorted(path.name for path in project.iterdir()) == ["dvc.yaml", "empty", "params.yaml"]


def test_data_use_writes_a_dump_that_passes(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dump = project / "dump"
    dump.mkdir()
    synthetic = sources()["synthetic"]
    synthetic.fetch(None, synthetic.Settings.model_validate({"seasons": 2, "teams": 3, "races": 3}), dump)
    assert call(monkeypatch, "data", "use", "ergast", "--location", "dump") == 0
    text = (project / "params.yaml").read_text()
    assert "\n  ergast: {location: dump}\n\ntime:" in text
    assert "written by `pitwall data use NAME" in text
    assert "no longer in use: synthetic" in capsys.readouterr().out
    assert call(monkeypatch, "data", "drop", "ergast") == 2
    assert "brings the results" in capsys.readouterr().err


def test_data_use_refuses_a_dump_of_which_too_much_would_be_set_aside(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dump, before = project / "dump", (project / "params.yaml").read_bytes()
    dump.mkdir()
    synthetic = sources()["synthetic"]
    synthetic.fetch(None, synthetic.Settings.model_validate({"seasons": 2, "teams": 3, "races": 3}), dump)
    text = (dump / "qualifying.csv").read_text().splitlines()
    (dump / "qualifying.csv").write_text("\n".join([text[0], *text[1:-3], *("?" + line for line in text[-3:])]) + "\n")
    assert call(monkeypatch, "data", "use", "ergast", "--location", "dump") == 1
    said = capsys.readouterr().err
    assert "qualifying: 3 of " in said and "raceId: not a whole number from 0" in said and "Correct" in said
    assert (project / "params.yaml").read_bytes() == before
    assert not (project / "data").exists()


def test_laps_are_added_dropped_and_go_with_their_world(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from pitwall.domain.params import load_params
    from pitwall.testing.checks.source import SMALL_WORLD, small_laps

    def used() -> dict[str, dict[str, object]]:
        return dict(load_params(project / "params.yaml").sources)

    dump = project / "dump"
    dump.mkdir()
    sources()["synthetic"].fetch(None, sources()["synthetic"].Settings.model_validate(SMALL_WORLD), dump)
    small_laps(project / "feed")
    before = (project / "params.yaml").read_text()
    assert call(monkeypatch, "data", "use", "fastf1_laps", "--location", "dump") == 1
    assert "laps_<season>.parquet" in capsys.readouterr().err
    assert (project / "params.yaml").read_text() == before
    assert call(monkeypatch, "data", "use", "fastf1_laps", "--location", "feed") == 0
    assert used() == {"synthetic": {}, "fastf1_laps": {"location": "feed"}}
    assert call(monkeypatch, "data", "drop", "fastf1_laps") == 0
    assert (project / "params.yaml").read_text() == before
    assert call(monkeypatch, "data", "drop", "fastf1_laps") == 2
    assert call(monkeypatch, "data", "use", "fastf1_laps", "--location", "feed") == 0
    assert call(monkeypatch, "data", "use", "ergast", "--location", "dump", "--json", str(project / "said.json")) == 0
    assert used() == {"ergast": {"location": "dump"}}
    assert json.loads((project / "said.json").read_text())["dropped"] == ["synthetic", "fastf1_laps"]


def test_data_status_of_a_new_project_says_what_to_do(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "data", "status", "--json", str(project / "status.json")) == 0
    assert "dvc repro tables" in capsys.readouterr().out
    assert json.loads((project / "status.json").read_text()) == {
        "sources": {"synthetic": {"location": None, "snapshots": []}},
        "outdated": False,
        "tables": {},
        "quarantine": {},
        "examples": {},
        "assumed": {},
        "new_teams": [],
    }


def test_doctor_of_a_new_project_names_all_layers_and_what_to_do(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "doctor", "--json", "-") == 0
    layers = {layer["layer"]: layer for layer in json.loads(capsys.readouterr().out)["layers"]}
    assert {"data", "features", "run store", "training", "registry", "forecasts", "orchestration"} <= set(layers)
    stacks = [layer["stack"] for layer in layers.values()]
    assert list(dict.fromkeys(stacks)) == ["Data", "Training", "Model", "Serving", "Monitoring"]
    assert {layers[name]["state"] for name in ("data", "features", "training", "registry", "forecasts")} == {"empty"}
    assert layers["run store"]["state"] == "ok"
    assert all(layer["do"] for layer in layers.values() if layer["state"] != "ok")


def test_doctor_says_what_is_not_built_and_never_calls_it_ok(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert {part.name for _, part in parts() if part.built} == set(CHECKS), "what is built is examined"
    missing = {part.name for _, part in parts() if not part.built}
    assert call(monkeypatch, "doctor", "--json", "-") == 0
    for layer in json.loads(capsys.readouterr().out)["layers"]:
        if layer["layer"] in missing:
            assert (layer["state"], layer["tool"]) == ("not built", "none yet")
            assert layer["found"] and layer["do"]


def test_the_diagram_is_drawn_from_the_same_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)  # no project is needed
    assert call(monkeypatch, "doctor", "--diagram") == 0
    assert capsys.readouterr().out == as_mermaid()
    for _, part in parts():
        assert (f'{part.component}<br/>{part.tool}"]' + ("" if part.built else ":::missing")) in as_mermaid()
        assert f"{part.component} ({part.tool})" in as_text() or f"[{part.component}: none yet]" in as_text()


def test_doctor_names_stored_forecasts_that_were_edited_or_damaged(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = {"race": "2024-06", "stage": "pre_race", "model": "m", "version": 1, "provenance": {}}
    made |= {"made_at": "2024-05-05T19:00:00+00:00"}
    folder = project / "reports" / "forecasts"
    folder.mkdir(parents=True)
    path = folder / file_name(made)
    path.write_text(json.dumps(made))
    for text, code, state, said in (
        (json.dumps(made), 0, "ok", "1 stored, all as they were written"),
        (json.dumps({**made, "version": 2}), 1, "broken", "was edited or renamed after it was stored"),
        ('{"race": ', 1, "broken", "is damaged and cannot be read"),
    ):
        path.write_text(text)
        assert call(monkeypatch, "doctor", "--json", "-") == code
        layers = {layer["layer"]: layer for layer in json.loads(capsys.readouterr().out)["layers"]}
        assert layers["forecasts"]["state"] == state
        assert said in layers["forecasts"]["found"]
        assert len(layers) == len(list(parts())), "the other layers are looked at all the same"


def test_forecast_without_a_model_says_how_to_get_one(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=project, check=True)
    (project / ".dvc").mkdir()
    shutil.copy(REPO / ".dvc" / "config", project / ".dvc" / "config")
    assert call(monkeypatch, "forecast") == 1
    assert "pitwall train order-pre_race" in capsys.readouterr().err
