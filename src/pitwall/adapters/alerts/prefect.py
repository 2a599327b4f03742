"""The `prefect` sink: an event `pitwall.alert.<kind>`, which an automation of the Prefect server can react to.

Prefect sends events in the background; one that it loses later is told in its own log.
"""

from __future__ import annotations

from pitwall.adapters.alerts.machinery.sink import NoSettings, Sink
from pitwall.domain.errors import AlertError
from pitwall.domain.records.alerts import Alert

EVENT = "pitwall.alert"


def send(alert: Alert, settings: NoSettings, allowed: tuple[str, ...]) -> None:
    """Emit the event; within a flow run Prefect relates it to the run."""
    from prefect.events import emit_event
    from prefect.settings import PREFECT_API_URL

    if not PREFECT_API_URL.value():  # Prefect would start a server of its own for it
        raise AlertError("no Prefect server is named; set PREFECT_API_URL, as `pitwall run` does for its flows.")
    resource = {"prefect.resource.id": f"{EVENT}.{alert.key}", "prefect.resource.name": alert.subject}
    if emit_event(f"{EVENT}.{alert.kind}", resource, payload=alert.row()) is None:
        raise AlertError("Prefect took no event; its log says why.")


SINK = Sink("prefect", "an event of the Prefect server", send)
