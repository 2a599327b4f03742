"""The API in this process: answers equal forecasts, names are found, wrongs are told by name, and nothing is answered that is not logged.

One file, because all of it asks one server about one exported world.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pitwall.domain.access.serving_settings import ServingSettings
from pitwall.ml.forecasting.input_log import same_bits
from pitwall.ml.rows import feature_columns
from pitwall.serving.app import create_app
from pitwall.testing.worlds.forecasts import NAME, NEXT, PARAMS, PAST, World
from pitwall.workflows.forecast import forecast
from pitwall.workflows.serving.export import publish
from pitwall.workflows.serving.places import Place
from pitwall.workflows.serving.prediction_log import read_log
from pitwall.workflows.serving.vectors import read_vectors
from pitwall.workflows.workspace import Workspace

ASK = "/api/v1/predict/race_winner"
PROBLEM = {"type", "title", "status", "detail", "instance", "found", "expected", "do", "near"}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("project"))
    workspace = made.workspace()
    publish(workspace, NAME)
    made.stored = forecast(workspace, NAME, NEXT, provenance={"git.commit": "abc"})
    return made


@pytest.fixture(scope="module")
def app(world):
    return create_app(Workspace(world.job.project, params=PARAMS), ServingSettings(), tokens_needed=False)


@pytest.fixture(scope="module")
def client(app):
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as made:
        yield made


def post(client, status=200, path=ASK, **body):
    response = client.post(path, json=body)
    assert response.status_code == status, response.text
    return response.json()


def problem(client, status, path=ASK, **body):
    told = post(client, status, path, **body)
    assert set(told) == PROBLEM and told["status"] == status and told["instance"] == path
    return told


def refs(world, race=PAST):
    vectors = read_vectors(Place(world.job.project, NAME).vectors(race, "pre_race"))
    return [each["driver_id"] for each in vectors.facts["refs"]], [
        each["constructor_id"] for each in vectors.facts["refs"]
    ]


def said(made, template="race_winner"):
    return [
        {
            "keys": dict(row.keys),
            "names": dict(row.names),
            "answer": row.answers[template],
            "baseline": row.baseline[template],
        }
        for row in made.rows
    ]


def heard(answer):
    return [{name: row[name] for name in ("keys", "names", "answer", "baseline")} for row in answer["rows"]]


@pytest.mark.parametrize("race", [NEXT, PAST, "2023-03"])
def test_an_answer_is_the_forecast_of_the_same_race_to_the_last_digit(world, client, race):
    made = world.forecast(race=race)
    answer = post(client, race=race)
    assert heard(answer) == said(made)
    assert answer["labels"] == list(made.labels)
    for template in ("podium", "points"):
        assert heard(post(client, path=f"/api/v1/predict/{template}", race=race)) == said(made, template)


def test_every_answer_says_where_it_comes_from(world, client):
    answer = post(client)
    (champion,) = (each for each in world.registry.versions(NAME) if each.version == answer["version"])
    assert (answer["model"], answer["stage"], answer["race"]) == (NAME, "pre_race", NEXT)
    assert answer["content"] == champion.content and answer["run"] == f"fake://runs/{champion.run_id}"
    assert (
        answer["cutoff"] == world.forecast(race=NEXT).cutoff
        and answer["data_age_s"] is None
        and answer["vintage"] == ""
    )


def test_a_grid_of_the_question_gives_what_the_forecast_with_that_grid_gives(world, client, tmp_path):
    drivers, _ = refs(world)
    slots = {driver: (0 if number > 6 else number) for number, driver in enumerate(reversed(drivers), start=1)}
    (tmp_path / "grid.csv").write_text("driver,grid\n" + "\n".join(f"{name},{slot}" for name, slot in slots.items()))
    made = world.forecast(race=PAST, grid=tmp_path / "grid.csv")
    answer = post(client, race=PAST, grid_positions=slots)
    assert heard(answer) == said(made) != said(world.forecast(race=PAST))
    assert "what if: the grid is that of the question" in answer["labels"]


def test_other_entries_give_what_the_forecast_with_those_entries_gives(world, client, tmp_path):
    drivers, teams = refs(world)
    chosen = dict(zip(drivers[:5], reversed(teams[:5]), strict=True))
    (tmp_path / "entries.csv").write_text(
        "driver,constructor\n" + "\n".join(f"{name},{team}" for name, team in chosen.items())
    )
    made = world.forecast(race=PAST, entries=tmp_path / "entries.csv")
    assert heard(post(client, race=PAST, entries=chosen)) == said(made)
    assert [row["keys"] for row in post(client, race=PAST, entries=drivers[:5])["rows"]] != []


def test_the_served_vector_is_logged_to_the_last_bit_what_ifs_too(world, client):
    drivers, teams = refs(world)
    slots = dict(zip(drivers, range(len(drivers), 0, -1), strict=True))
    wishes = ({}, {"grid_positions": slots}, {"entries": dict(zip(drivers[:3], teams[3:6], strict=True))})
    ids = []
    for wish in wishes:
        response = client.post(ASK, json={"race": PAST, **wish})
        ids.append(response.headers["x-request-id"])
    (path,) = (world.job.project.state / "answers").glob(f"*-{os.getpid()}.jsonl")
    logged = {line["request"]: (line, features) for line, features in read_log(path)}
    line, features = logged[ids[0]]
    spine = read_vectors(Place(world.job.project, NAME).vectors(PAST, "pre_race")).frame
    offline = world.reader.historical(spine[[name for name in spine if name not in feature_columns(spine)]], "order")
    assert all(same_bits(features[name], offline[name]).all() for name in features)
    assert (line["race"], line["model"], line["template"]) == (PAST, NAME, "race_winner")
    assert logged[ids[1]][1]["grid"].tolist() == list(map(float, slots.values()))
    assert len(logged[ids[2]][1]) == 3


def test_an_answer_that_cannot_be_logged_is_withheld_and_ready_says_so(world, app, client):
    log = app.state.server.log
    log.close()
    folder = world.job.project.state / "answers"
    aside = folder.rename(folder.with_name("answers-aside"))
    folder.write_text("no folder")
    try:
        told = problem(client, 503, race=PAST)
        assert told["title"] == "not logged"
        assert client.post(ASK, json={"race": PAST}).headers["retry-after"]
        ready = client.get("/ready")
        assert ready.status_code == 503 and "cannot be logged" in ready.json()["troubles"]["log"]
    finally:
        folder.unlink()
        aside.rename(folder)
    assert client.get("/ready").json()["ready"] and post(client, race=PAST)
    assert "pitwall_not_logged_total 2.0" in client.get("/metrics").text


def test_races_are_found_by_the_names_that_people_give_them(client):
    name = post(client, race=NEXT)["race_name"]
    for asked in ("2024-4", f"{name} 2024", f"{name.replace(' ', '_')}_2024"):
        assert post(client, race=asked)["race"] == NEXT


@pytest.mark.parametrize("as_of", ["pre_race", None])
def test_as_of_chooses_among_the_exported_cut_offs(client, as_of):
    cutoff = post(client, race=PAST)["cutoff"]
    assert post(client, race=PAST, as_of=as_of or cutoff)["cutoff"] == cutoff
    told = problem(client, 404, race=PAST, as_of="2024-01-01T00:00Z")
    assert told["near"] == [cutoff] and "pre_race" in told["expected"]


def test_names_that_are_not_known_are_404_with_the_near_ones(world, client):
    drivers, _ = refs(world)
    assert "race_winner" in problem(client, 404, "/api/v1/predict/race_winer")["near"]
    assert NEXT in problem(client, 404, race="2024-44")["near"]
    assert drivers[0] in problem(client, 404, race=PAST, entries=[drivers[0] + "x"])["near"]
    assert problem(client, 404, race=PAST, as_of="pre_weekend")["title"] == "unknown cut-off"
    assert NAME in client.get("/api/v1/models/order-pre_rac").json()["near"]


def test_what_cannot_be_is_422_and_says_what_is_wrong(world, client):
    drivers, _ = refs(world)
    slots = dict(zip(drivers, range(1, len(drivers) + 1), strict=True))
    twice = {**slots, drivers[0]: 2}
    assert "slot 2 more than once" in problem(client, 422, race=PAST, grid_positions=twice)["found"]
    assert drivers[-1] in problem(client, 422, race=PAST, grid_positions=dict(list(slots.items())[:-1]))["found"]
    assert "more than once" in problem(client, 422, race=PAST, entries=[drivers[0], drivers[0].upper()])["found"]
    assert "0 cars" in problem(client, 422, race=PAST, entries=[])["found"]
    assert "41 cars" in problem(client, 422, race=PAST, entries=[f"car{n}" for n in range(41)])["found"]
    assert problem(client, 422, race=PAST, lap=3)["found"] == "lap"
    assert problem(client, 422, race=PAST, as_of="yesterday")["title"] == "as_of"
    assert "grid_positions" in problem(client, 422, race=PAST, grid_positions={drivers[0]: -1})["found"]
    assert "nonsense" in problem(client, 422, race=PAST, nonsense=1)["found"]
    response = client.post(ASK, content='{"race": NaN}', headers={"Content-Type": "application/json"})
    assert response.status_code == 422 and set(response.json()) == PROBLEM


def test_a_question_that_nobody_answers_is_a_matter_of_state(client):
    told = problem(client, 409, "/api/v1/predict/dnf")
    assert "pitwall promote" in told["do"] and told["near"] == [NAME]


def test_reasons_are_those_of_the_forecast(world, client):
    made = world.forecast(race=PAST)
    answer = post(client, path="/api/v1/explain/race_winner", race=PAST)
    assert [[each["group"] for each in row["why_groups"]] for row in answer["rows"]] == [
        [each.group for each in row.why_groups] for row in made.rows
    ]


def test_an_answer_that_is_remembered_is_the_same_and_is_logged_too(world, client):
    first, second = (client.post(ASK, json={"race": NEXT}) for _ in range(2))
    assert first.content == second.content
    (path,) = (world.job.project.state / "answers").glob(f"*-{os.getpid()}.jsonl")
    logged = [line["request"] for line, _ in read_log(path)]
    assert {first.headers["x-request-id"], second.headers["x-request-id"]} <= set(logged)
    assert 'pitwall_cache_total{found="yes"}' in client.get("/metrics").text


def test_models_histories_and_forecasts_are_told(world, client):
    (model,) = client.get("/api/v1/models").json()["models"]
    assert (model["model"], model["last"], model["trouble"]) == (NAME, NEXT, "")
    assert client.get(f"/api/v1/models/{NAME}").json() == model
    history = client.get(f"/api/v1/models/{NAME}/history").json()
    assert {each["version"] for each in history["versions"]} == {each.version for each in world.registry.versions(NAME)}
    (line,) = client.get("/api/v1/forecasts", params={"race": NEXT}).json()["forecasts"]
    assert line["file"] == world.stored.path.name
    told = client.get(f"/api/v1/forecasts/{line['file']}").json()
    assert told["forecast"] == json.loads(world.stored.path.read_text()) and told["record"]["file"] == line["file"]
    assert client.get("/api/v1/championship").status_code == 409
    names = {each["template"]: each["served"] for each in client.get("/api/v1/templates").json()["templates"]}
    assert names["podium"] == [NAME] and names["dnf"] == []


def test_metrics_tell_versions_counts_and_requests(world, client):
    text = client.get("/metrics").text
    assert f'pitwall_model_version{{model="{NAME}"}} {world.registry.aliases(NAME)["champion"]}.0' in text
    for name in ("experiments_created", "runs_logged", "models_registered"):
        assert re.search(rf"^{name}_total \d", text, re.MULTILINE)
    assert re.search(
        r'pitwall_requests_total\{method="POST",route="/api/v1/predict/\{template\}",status="200"\} \d', text
    )


def test_metrics_tell_what_the_newest_look_found(world, client):
    told = world.job.project.serving / "monitoring.json"
    assert "pitwall_alarms_open" not in client.get("/metrics").text
    told.write_text('{"at": "2024-05-06T08:00:00+00:00", "alarms": 2, "page": "reports/monitoring/2024-W19.html"}')
    try:
        text = client.get("/metrics").text
    finally:
        told.unlink()
    assert "pitwall_alarms_open 2.0" in text
    assert re.search(r"^pitwall_monitoring_age_s \d", text, re.MULTILINE)


def test_other_hosts_origins_and_long_bodies_are_refused(client):
    assert client.get("/health", headers={"Host": "rebound.example"}).status_code == 403
    assert client.get("/health", headers={"Origin": "https://page.example"}).status_code == 403
    assert client.get("/health", headers={"Origin": "http://localhost:3000"}).status_code == 200
    assert client.post(ASK, content=b"x" * 70_000, headers={"Content-Type": "application/json"}).status_code == 413
    assert client.post(ASK, content=(b"x" * 1000 for _ in range(70))).status_code == 413


def test_request_ids_are_kept_where_they_are_harmless(client):
    assert client.get("/health", headers={"X-Request-ID": "mine-1"}).headers["x-request-id"] == "mine-1"
    assert client.get("/health", headers={"X-Request-ID": "no good\t"}).headers["x-request-id"] != "no good\t"


def test_unknown_paths_and_methods_are_problems_too(client):
    for method, path, status in (("GET", "/nope", 404), ("PUT", ASK, 405), ("GET", "/api/v1/forecasts/none.json", 404)):
        response = client.request(method, path)
        assert response.status_code == status and set(response.json()) == PROBLEM
        assert response.headers["content-type"] == "application/problem+json"


def test_the_example_of_every_question_in_the_description_is_answered(client):
    description = client.get("/openapi.json").json()
    examples = description["components"]["schemas"]["Ask"]["examples"]
    assert len(examples) == 3 and all(set(example) <= {"race", "as_of", "entries"} for example in examples)
    assert description["paths"]["/api/v1/predict/{template}"]["post"]["responses"]["200"]["content"][
        "application/json"
    ]["example"]


def test_nothing_of_the_pipelines_tools_is_imported_to_answer(world):
    code = """
import sys
from pitwall.serving.app import create_app
from starlette.testclient import TestClient
with TestClient(create_app(), base_url="http://localhost") as client:
    assert client.post("/api/v1/explain/podium", json={"race": "%s"}).status_code == 200
    assert client.get("/metrics").status_code == 200
print(sorted({"mlflow", "feast", "dvc", "prefect", "optuna", "torch"} & set(sys.modules)))
"""
    root = world.job.project.root
    (root / "dvc.yaml").write_text("{}")
    (root / "params.yaml").write_text("models: {order: {estimator: grid_frequency, first_season: 2021}}\n")
    done = subprocess.run(
        [sys.executable, "-c", code % PAST],
        env={**os.environ, "PITWALL_HOME": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
    assert Path(root / "serving").is_dir()
