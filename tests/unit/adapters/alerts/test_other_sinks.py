"""The console and Prefect; what discovery finds; where alerts are kept."""

from __future__ import annotations

import json
import threading
from contextvars import ContextVar

import pytest

from pitwall.adapters.alerts import send, sinks
from pitwall.adapters.alerts.machinery.journal import AlertJournal
from pitwall.adapters.alerts.machinery.patience import in_time
from pitwall.domain.errors import AlertError
from pitwall.domain.project import Project
from pitwall.domain.settings import SinkSettings

NAME = ContextVar("NAME", default="")  # of what surrounds the caller


def test_every_file_is_a_sink():
    assert sorted(sinks()) == ["console", "prefect", "smtp", "webhook"]


def test_the_console_says_one_line(alert, caplog):
    send(alert, SinkSettings(sink="console"))
    (said,) = caplog.messages
    assert said == "alert gate_refused, order-pre_race version 3: latency: 61 ms, at most 50"


def test_prefect_gets_an_event_that_names_kind_and_subject(alert):
    from prefect.events.clients import AssertingEventsClient
    from prefect.events.worker import EventsWorker
    from prefect.settings import PREFECT_API_URL, temporary_settings

    EventsWorker.set_client_override(AssertingEventsClient)
    try:
        with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:1/api"}):
            send(alert, SinkSettings(sink="prefect"))
            EventsWorker.instance().drain()
        (event,) = [event for client in AssertingEventsClient.all for event in client.events]
    finally:
        EventsWorker.set_client_override(None)
        AssertingEventsClient.reset()
    assert (event.event, event.payload["text"]) == ("pitwall.alert.gate_refused", alert.text)
    assert event.resource["prefect.resource.name"] == alert.subject
    with temporary_settings({PREFECT_API_URL: None}), pytest.raises(AlertError, match="set PREFECT_API_URL"):
        send(alert, SinkSettings(sink="prefect"))


def test_a_sink_that_never_ends_is_left_alone_and_what_one_raises_is_raised():
    until, told = threading.Event(), []
    with pytest.raises(AlertError, match=r"within 0\.05 s"):
        in_time(until.wait, 0.05)
    until.set()
    in_time(lambda: told.append(NAME.get()), 5)
    NAME.set("flow-1")
    in_time(lambda: told.append(NAME.get()), 5)
    assert told == ["", "flow-1"]
    with pytest.raises(TimeoutError, match="its own"):
        in_time(lambda: (_ for _ in ()).throw(TimeoutError("its own")), 5)


def test_an_alert_is_written_down_once_and_its_outcomes_are_added(alert, tmp_path):
    project = Project(tmp_path)
    journal = AlertJournal(project)
    assert [journal.add(alert), journal.add(alert)] == [True, False]
    journal.settle(alert, {"smtp": "failed: no"})
    journal.settle(alert, {"console": "sent", "smtp": "sent"})
    (row,) = map(json.loads, project.alerts.read_text().splitlines())
    assert row == {**alert.row(), "sinks": {"smtp": "sent", "console": "sent"}}
    project.alerts.write_text(project.alerts.read_text()[:40])
    with pytest.raises(AlertError, match="not as it was written"):
        journal.alerts()
