"""A forecast as parts of a page: chances beside the baseline, reasons, places, and where all of it comes from."""

from __future__ import annotations

from pitwall.ml.forecasting.answers import Forecast
from pitwall.ml.forecasting.render import document
from pitwall.report.content.blocks import Facts, Fold
from pitwall.web.blocks import AnyBlock, Link, Links, Part, parts_of
from pitwall.web.parts.told import age, instant

CHANCES, WHY, PLACES = "Answers", "Why", "Places"
ORIGIN = "Provenance"


def forecast_parts(made: Forecast, chances: str) -> tuple[Part, ...]:
    """Return the parts of a forecast but where it comes from.

    Args:
        made: the forecast.
        chances: what the part with its answers is called.
    """
    parts = parts_of(document(made))
    kept = [part for part in parts if part.name != ORIGIN and part.blocks]
    return tuple(Part(chances, part.blocks) if part.name == CHANCES else part for part in kept)


def origin(made: Forecast, data_age_s: float | None = None) -> Part:
    """Return where a forecast comes from, with the way to its run and its model.

    Args:
        made: the forecast.
        data_age_s: seconds since the newest data were fetched; nothing is said of it when None.
    """
    known = {
        "nothing later is known than": instant(made.cutoff),
        "answers": f"{made.model} version {made.version}, {made.estimator}",
        "baseline": made.baseline,
        **({"age of the data": age(data_age_s)} if data_age_s is not None else {}),
    }
    run = made.provenance.get("run", "")
    more = {name: value for name, value in made.provenance.items() if name != "run" or not _is_address(run)}
    links = [Link(f"model {made.model}", f"/models/{made.model}")]
    links += [Link("training run in MLflow", run, outside=True)] if _is_address(run) else []
    blocks: list[AnyBlock] = [Facts(tuple(known.items())), Links(tuple(links))]
    blocks += [Fold("Hashes and dates", (Facts(tuple(more.items())),))] if more else []
    return Part("Where this comes from", tuple(blocks), "Origin")


def _is_address(text: str) -> bool:
    return text.startswith(("http://127.0.0.1:", "http://localhost:"))
