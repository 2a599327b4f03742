"""The doctor says who is live, and finds a bundle that was changed, a champion that is not live, and a race that cannot be asked about."""

from __future__ import annotations

from pitwall.cli._examine import CHECKS
from pitwall.testing.worlds.forecasts import NAME
from pitwall.workflows.championship import MODEL
from pitwall.workflows.serving.places import Place


def test_the_doctor_examines_what_is_live(workspace):
    def state():
        found = CHECKS["model server"](workspace)
        assert (found.state == "ok") == (found.do == "")
        return found.state, found.found

    place = Place(workspace.project, NAME)
    well = ("ok", f"live, whole, and answering their examples: {NAME}: version 2, {MODEL}: version 1")
    assert state() == well
    recipe = place.version(2) / "model" / "recipe.json"
    before = recipe.read_bytes()
    recipe.write_bytes(before + b" ")
    assert state()[0] == "broken" and "was changed since it was written" in state()[1]
    recipe.write_bytes(before)
    vectors = place.vectors("2024-06", "pre_race")
    vectors.rename(vectors.with_suffix(".away"))
    assert state() == ("stale", f"{NAME} has no vectors of the next race, 2024-06")
    vectors.with_suffix(".away").rename(vectors)
    index = vectors.with_name("races.json")
    index.rename(index.with_suffix(".away"))
    assert state() == ("stale", f"{NAME} has no race that it could be asked about")
    index.with_suffix(".away").rename(index)
    workspace.registry.set_alias(NAME, "champion", 1)
    assert state() == ("stale", f"{NAME}: the champion is version 1, live is 2")
    workspace.registry.set_alias(NAME, "champion", 2)
    live = place.live.read_text()
    place.live.unlink()
    assert state() == ("stale", f"{NAME}: the champion is version 2, live is none")
    place.live.write_text(live)
    assert state() == well
    assert "models_registered 2" in CHECKS["metrics"](workspace).found
