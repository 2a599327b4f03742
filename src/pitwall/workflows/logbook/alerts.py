"""Send alerts where settings.local.yaml says, each once, and keep what became of them.

A sink that fails, and anything else that goes wrong here, is logged and kept with its reason: no alert is worth a training.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pitwall import wiring
from pitwall.domain.errors import PitwallError, UnknownName, UsageError
from pitwall.domain.plugins import pick
from pitwall.domain.records.alerts import KINDS, SENT, TEST, Alert, KeptAlert
from pitwall.domain.secrets import redact
from pitwall.domain.settings import AlertSettings, SinkSettings, local_settings
from pitwall.workflows.workspace import Workspace

log = logging.getLogger(__name__)


def raise_alert(
    workspace: Workspace,
    kind: str,
    subject: str,
    text: str,
    cause: str = "",
    *,
    facts: Mapping[str, Any] | None = None,
) -> bool:
    """Tell whoever the machine's settings name, unless they were told the same already; return whether it was news.

    Args:
        workspace: of the project.
        kind: one of `pitwall.domain.records.alerts.KINDS`.
        subject: what it is about, e.g. `order-pre_race version 3`.
        text: what happened, in sentences; what looks like a secret in it is taken out.
        cause: what makes a second alert the same, beside kind and subject.
        facts: what programs read instead of the text.

    Raises:
        UnknownName: there is no such kind. Nothing else is raised.
    """
    pick("kind of alert", kind, KINDS)
    new = False
    with harmless(f"the alert {kind} about {subject} was not sent"):
        alert = Alert(kind, subject, redact(text, "")[0], cause, facts=facts or {})
        if new := wiring.alert_journal(workspace.project).add(alert):
            _deliver(workspace, alert, _settings(workspace).sinks)
    return new


@contextmanager
def harmless(failed: str) -> Iterator[None]:
    """Log whatever is raised within, and go on.

    Args:
        failed: what did not happen then, in words.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - a training or a promotion goes on whatever becomes of the news of it
        log.warning("%s: %s", failed, reason_of(error))


def reason_of(error: Exception) -> str:
    """Return why something failed: our own words; of others' errors the kind alone, since they may quote a secret."""
    return str(error) if isinstance(error, PitwallError) else type(error).__name__


def asked_for(workspace: Workspace, kind: str) -> bool:
    """Return whether any sink wants alerts of a kind."""
    return any(kind in each.kinds for each in _settings(workspace).sinks)


def kept(workspace: Workspace) -> list[KeptAlert]:
    """Return all alerts of the project with their outcomes, oldest first."""
    return wiring.alert_journal(workspace.project).alerts()


def send_test(workspace: Workspace, sink: str) -> None:
    """Send a test to a sink, which is not kept.

    Raises:
        UnknownName: there is no such sink.
        UsageError: its settings are missing or wrong.
        AlertError: it did not get there; says why.
    """
    pick("sink", sink, dict(wiring.alert_sinks()))
    settings = _settings(workspace)
    chosen = [each for each in settings.sinks if each.sink == sink] or [SinkSettings(sink=sink)]
    for each in chosen:
        alert = Alert(TEST, workspace.project.root.name, "This is a test: alerts of this project come here.")
        wiring.send_alert(alert, each, settings.allow_hosts)


def resend(workspace: Workspace, key: str | None = None) -> list[KeptAlert]:
    """Send alerts again to the sinks that they have not reached, and return what became of these.

    Args:
        workspace: of the project.
        key: of one alert, or its beginning; all that did not reach a sink when None.

    Raises:
        UnknownName: no alert is called so.
        UsageError: several are.
    """
    chosen = kept(workspace) if key is None else [_one(kept(workspace), key)]
    tried = {each.alert.key for each in chosen if _resent(workspace, each)}
    return [each for each in kept(workspace) if each.alert.key in tried]


def _one(known: Sequence[KeptAlert], key: str) -> KeptAlert:
    found = [each for each in known if key and each.alert.key.startswith(key)]
    if len(found) > 1:
        raise UsageError(f"{len(found)} alerts begin with {key!r}; give more of the key.")
    if not found:
        raise UnknownName("alert", key, [each.alert.key for each in known])
    return found[0]


def _resent(workspace: Workspace, alert: KeptAlert) -> bool:
    labels = _labelled(_settings(workspace).sinks)
    left = [each for label, each in labels.items() if alert.sinks.get(label) != SENT and alert.alert.kind in each.kinds]
    if left:
        _deliver(workspace, alert.alert, left)
    return bool(left)


def _deliver(workspace: Workspace, alert: Alert, sinks: Sequence[SinkSettings]) -> None:
    """Send an alert to those of some sinks that want its kind, and keep each outcome as soon as it is known."""
    settings, journal = _settings(workspace), wiring.alert_journal(workspace.project)
    for label, each in _labelled(settings.sinks).items():
        if each in sinks and alert.kind in each.kinds:
            journal.settle(alert, {label: _outcome(alert, label, each, settings)})


def _outcome(alert: Alert, label: str, sink: SinkSettings, settings: AlertSettings) -> str:
    try:
        wiring.send_alert(alert, sink, settings.allow_hosts)
    except Exception as error:  # noqa: BLE001 - see above; the outcome is kept
        log.warning("the alert %s about %s did not reach %s: %s", alert.kind, alert.subject, label, reason_of(error))
        return f"failed: {reason_of(error)}"
    return SENT


def _labelled(sinks: Sequence[SinkSettings]) -> dict[str, SinkSettings]:
    """Return sinks by name; the second of one name is numbered."""
    found: dict[str, SinkSettings] = {}
    for each in sinks:
        same = sum(other.sink == each.sink for other in found.values())
        found[f"{each.sink} {same + 1}" if same else each.sink] = each
    return found


def _settings(workspace: Workspace) -> AlertSettings:
    return local_settings(workspace.project.settings).alerts
