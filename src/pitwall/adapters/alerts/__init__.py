"""Where alerts go: one file per sink, found by its `SINK`. A sink is told its own section of settings.local.yaml and nothing else."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pitwall.adapters.alerts.machinery.patience import in_time
from pitwall.adapters.alerts.machinery.sink import Sink
from pitwall.domain.plugins import discover, pick
from pitwall.domain.records.alerts import Alert
from pitwall.domain.settings import SinkSettings


def sinks() -> dict[str, Sink]:
    """Return all sinks by name."""
    return discover(sys.modules[__name__], "SINK")


def send(alert: Alert, chosen: SinkSettings, allow_hosts: Sequence[str] = ()) -> None:
    """Send an alert to one sink.

    Args:
        alert: to send.
        chosen: the sink and its settings.
        allow_hosts: that may have private addresses and do without encryption.

    Raises:
        UnknownName: there is no such sink, or it has no such setting.
        UsageError: a setting is wrong.
        AlertError: it did not get there; says why.
    """
    sink: Sink = pick("sink", chosen.sink, sinks())
    settings, allowed = sink.settings(chosen.options), tuple(host.lower() for host in allow_hosts)
    in_time(lambda: sink.deliver(alert, settings, allowed))
