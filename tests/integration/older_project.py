"""What the version before does in its project, in two processes of its own code: `python older_project.py data|model`.

Run with the code of that version on PYTHONPATH; every import below is one of its names. It is no test and is never imported.
"""

import json
import sys
from pathlib import Path

import numpy as np

from pitwall import wiring
from pitwall.domain.project import find_project
from pitwall.stages import run_stage

NAME = "order-pre_race"


def data() -> None:
    """Ingest, tables, features, frames."""
    run_stage("ingest", "synthetic")
    for stage in ("tables", "features", "frames"):
        run_stage(stage)


def model() -> None:
    """Train, publish a backtest, promote and forecast; keep what the registered version answers."""
    from pitwall.ml.candidates import sync
    from pitwall.ml.forecast.making import forecast, store
    from pitwall.ml.job import training_job

    from pitwall.domain.refs import Verdict
    from pitwall.ml.cards.build import complete, ensure, stores_of
    from pitwall.ml.gates import gates
    from pitwall.ml.registry.promotion import promote

    run_stage("train", NAME)
    run_stage("evaluate")
    project = find_project()
    params = wiring.params(project)
    job, stores, provenance = training_job(project, params, NAME), stores_of(project), wiring.provenance(project)
    versions = sync(job, stores.tracker, stores.registry, provenance)
    for each in versions.values():
        ensure(job, stores, each)
    own, baseline = versions["model"], versions["baseline"]
    passed = [Verdict(name, True, 1.0, 1.0, "", "planted") for name in gates()]  # so few races please no real gate
    made = promote(stores.registry, stores.history, own, baseline, passed, policy=params.promotion)
    complete(job, stores, own, made.verdicts, outcome="planted")
    path = store(project, forecast(job, stores.registry, wiring.feature_reader(project), provenance))
    interface = stores.registry.interface(NAME, made.version)
    np.save("answer.npy", interface.predict(interface.example))
    told = {"forecast": path.name, "version": made.version, "content": own.content, "run": own.run_id}
    Path("told.json").write_text(json.dumps(told))


{"data": data, "model": model}[sys.argv[1]]()
