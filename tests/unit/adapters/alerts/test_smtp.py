"""Mails go encrypted; a password goes nowhere else, and into no error."""

from __future__ import annotations

import base64

import pytest

from pitwall.adapters.alerts import send
from pitwall.adapters.alerts.smtp import PASSWORD
from pitwall.domain.errors import AlertError
from pitwall.domain.settings import SinkSettings

SECRET = "s3cret-word"


def mail(server, **more) -> SinkSettings:
    people = {"sender": "pitwall@example.org", "to": ["ada@example.org", "grace@example.org"]}
    return SinkSettings.model_validate({"sink": "smtp", "host": "127.0.0.1", "port": server.port, **people, **more})


def test_a_mail_is_encrypted_from_the_login_on_and_the_variable_wins(alert, mail_server, trusted, monkeypatch):
    monkeypatch.setenv(PASSWORD, SECRET)
    server = mail_server(trusted)
    send(alert, mail(server, user="pit", password="another one"))
    told = {word: (line, encrypted) for word, line, encrypted in server.heard}
    assert base64.b64decode(told["AUTH"][0].split()[-1]) == f"\0pit\0{SECRET}".encode()
    assert all(told[word][1] for word in ("AUTH", "MAIL", "RCPT", "TEXT"))
    (text,) = server.mails
    assert "Subject: [pitwall] gate_refused: order-pre_race version 3\r\n" in text
    assert "To: ada@example.org, grace@example.org" in text and alert.text in text


def test_a_server_that_does_not_encrypt_gets_nothing_and_from_an_allowed_host_a_mail_without_a_password(
    alert, mail_server
):
    server = mail_server(None)
    with pytest.raises(AlertError, match="offers no STARTTLS"):
        send(alert, mail(server))
    with pytest.raises(AlertError, match="offers no STARTTLS"):
        send(alert, mail(server, user="pit", password=SECRET), ["127.0.0.1"])
    assert not server.mails
    send(alert, mail(server), ["127.0.0.1"])
    assert len(server.mails) == 1
    assert not [word for word, *_ in server.heard if word == "AUTH"]


def test_a_certificate_that_nobody_vouches_for_is_refused(alert, mail_server, trusted, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    server = mail_server(trusted)
    with pytest.raises(AlertError, match="certificate verify failed"):
        send(alert, mail(server), ["127.0.0.1"])
    assert not server.mails


def test_a_refused_login_is_told_without_the_password_or_the_servers_words(alert, mail_server, trusted):
    server = mail_server(trusted, login=535)
    with pytest.raises(AlertError, match=r"refused the user or the password \(535\)") as refused:
        send(alert, mail(server, user="pit", password=SECRET))
    assert "s3cret" not in f"{refused.value!r} {refused.value.__cause__!r}"
