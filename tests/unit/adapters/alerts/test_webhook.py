"""The webhook reaches public addresses over HTTPS, hosts that are allowed, and nothing else; its address is a secret."""

from __future__ import annotations

import logging
import socket

import pytest

from pitwall.adapters.alerts import send
from pitwall.domain.errors import AlertError, PitwallError, UsageError
from pitwall.domain.settings import SinkSettings

PATH = "/services/s3cret"


def hook(url: str) -> SinkSettings:
    return SinkSettings.model_validate({"sink": "webhook", "url": url})


def test_a_host_that_is_allowed_gets_the_alert_as_json_and_no_log_its_address(alert, hook_server, caplog):
    caplog.set_level(logging.DEBUG)
    server = hook_server()
    send(alert, hook(f"http://127.0.0.1:{server.port}{PATH}"), ["127.0.0.1"])
    assert server.got == [(PATH, f"127.0.0.1:{server.port}", alert.row())]
    assert "s3cret" not in caplog.text


def test_over_https_the_checked_address_is_called_and_the_certificate_is_that_of_the_name(
    alert, hook_server, trusted, names
):
    server = hook_server(tls=trusted)
    send(alert, hook(f"https://hook.test:{server.port}{PATH}"), ["hook.test"])
    assert [(path, host) for path, host, _ in server.got] == [(PATH, f"hook.test:{server.port}")]
    with pytest.raises(AlertError, match="certificate"):
        send(alert, hook(f"https://localhost:{server.port}{PATH}"), ["localhost"])


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "LOCALHOST",
        "2130706433",  # 127.0.0.1 as one number
        "0x7f000001",
        "017700000001",
        "127.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",  # a provider's own
        "169.254.169.254",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:8.8.8.8]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",  # 127.0.0.1 behind a translator
        "[2002:7f00:1::]",  # ... and in a tunnel
        "[fe80::1]",
        "[fec0::1]",
        "[fd00::1]",
        "[ff02::1]",
        "both.test",  # one of its addresses is public
        "six.test",
        "metadata.test",
    ],
)
def test_an_address_that_is_not_public_is_refused_before_anything_is_sent(alert, host, names, monkeypatch):
    called = []
    monkeypatch.setattr(socket, "create_connection", lambda address, *_, **__: called.append(address))
    with pytest.raises(AlertError, match="and nothing is sent there") as refused:
        send(alert, hook(f"https://{host}:8443{PATH}"))
    assert not called
    assert "s3cret" not in f"{refused.value!r} {refused.value.__cause__!r}"


def test_a_name_that_changes_its_answer_is_called_where_it_was_checked(alert, names, monkeypatch):
    called = []

    def refuse(address, *_, **__):
        called.append(address)
        raise ConnectionRefusedError("no")

    monkeypatch.setattr(socket, "create_connection", refuse)
    with pytest.raises(AlertError, match="could not be reached"):
        send(alert, hook(f"https://rebind.test{PATH}"))
    assert called == [("93.184.216.34", 443)]
    assert names == ["rebind.test"]
    with pytest.raises(AlertError, match="loopback"):  # the name leads to this machine from now on
        send(alert, hook(f"https://rebind.test{PATH}"))


def test_a_redirect_is_a_failure_and_is_not_followed(alert, hook_server):
    inner = hook_server()
    outer = hook_server(status=307, location=f"http://127.0.0.1:{inner.port}/admin")
    with pytest.raises(AlertError, match="answered 307; redirects are not followed"):
        send(alert, hook(f"http://127.0.0.1:{outer.port}{PATH}"), ["127.0.0.1"])
    assert (len(outer.got), inner.got) == (1, [])


def test_an_answer_that_is_no_success_and_a_server_that_is_not_there_are_told(alert, hook_server):
    server = hook_server(status=500)
    with pytest.raises(AlertError, match=r"127.0.0.1 answered 500$"):
        send(alert, hook(f"http://127.0.0.1:{server.port}{PATH}"), ["127.0.0.1"])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(AlertError, match="could not be reached") as told:
            send(alert, hook(f"http://127.0.0.1:{free.getsockname()[1]}{PATH}"), ["127.0.0.1"])
    assert "s3cret" not in str(told.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"http://93.184.216.34{PATH}", "plain http:// is for hosts named in alerts.allow_hosts"),
        (f"ftp://93.184.216.34{PATH}", "is not https://"),
        (f"file://{PATH}", "needs a host"),
        ("https://me:s3cret@93.184.216.34/", "no name and password"),
        ("https://[s3cret", "is no address"),
        ("https://0177.0.0.1/s3cret", "is no address"),
        ("https://a/\ns3cret", "is no address"),
        ("s3cret", "needs a host"),
    ],
)
def test_an_address_that_cannot_be_is_refused_without_being_quoted(alert, url, said):
    with pytest.raises(UsageError, match=said) as refused:
        send(alert, hook(url))
    assert "s3cret" not in f"{refused.value!r} {refused.value.__cause__!r}"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"sink": "webhok"}, "did you mean 'webhook'"),
        ({"sink": "webhook", "ulr": "s3cret"}, "did you mean 'url'"),
        ({"sink": "webhook"}, "the sink webhook: url: Field required"),
        ({"sink": "smtp", "host": "h", "sender": "a", "to": ["b"], "password": ["s3cret"]}, "the sink smtp: password"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not(alert, options, said):
    chosen = SinkSettings.model_validate(options)
    with pytest.raises(PitwallError, match=said) as refused:
        send(alert, chosen)
    assert "s3cret" not in f"{refused.value!r} {refused.value.__cause__!r} {chosen!r}"
