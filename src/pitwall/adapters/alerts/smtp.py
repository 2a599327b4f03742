"""The `smtp` sink: a mail through a server that encrypts; one that does not is refused, unless its host is allowed by name.

The password comes from the variable `PITWALL_SMTP_PASSWORD`, else from settings.local.yaml. It never goes over an unencrypted
connection. What a server answers is told as its code alone: its text is its own.
"""

from __future__ import annotations

import os
import smtplib
import ssl
from email.message import EmailMessage

from pydantic import Field, SecretStr

from pitwall.adapters.alerts.machinery.sink import TIMEOUT_S, Sink
from pitwall.domain.errors import AlertError
from pitwall.domain.params import Section
from pitwall.domain.records.alerts import Alert

PASSWORD = "PITWALL_SMTP_PASSWORD"  # noqa: S105  (the name of a variable)


class SmtpSettings(Section):
    """A mail server, and who writes to whom."""

    host: str
    port: int = 587
    sender: str
    to: tuple[str, ...] = Field(min_length=1)
    user: str = ""
    password: SecretStr = SecretStr("")


def send(alert: Alert, settings: SmtpSettings, allowed: tuple[str, ...]) -> None:
    """Send the alert as a mail of plain text."""
    password = os.environ.get(PASSWORD) or settings.password.get_secret_value()
    where = f"{settings.host}:{settings.port}"
    try:
        with smtplib.SMTP(settings.host, settings.port, timeout=TIMEOUT_S) as server:
            _encrypt(server, where, must=bool(password) or settings.host.lower() not in allowed)
            if password:
                server.login(settings.user or settings.sender, password)
            server.send_message(_mail(alert, settings))
    except smtplib.SMTPAuthenticationError as error:
        raise AlertError(f"{where} refused the user or the password ({error.smtp_code}).") from None
    except smtplib.SMTPResponseException as error:
        raise AlertError(f"{where} refused the mail ({error.smtp_code}).") from None
    except smtplib.SMTPRecipientsRefused:
        raise AlertError(f"{where} refused every recipient.") from None
    except (OSError, ValueError) as error:
        raise AlertError(f"no mail could be sent through {where}: {type(error).__name__}: {error}") from None


def _encrypt(server: smtplib.SMTP, where: str, *, must: bool) -> None:
    server.ehlo()
    if server.has_extn("starttls"):
        server.starttls(context=ssl.create_default_context())
    elif must:
        raise AlertError(
            f"{where} offers no STARTTLS, so nothing is sent; take a server that does. One of your own may be named in "
            "alerts.allow_hosts of settings.local.yaml and gets mail without a password."
        )


def _mail(alert: Alert, settings: SmtpSettings) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = " ".join(f"[pitwall] {alert.kind}: {alert.subject}".split())
    mail["From"], mail["To"] = settings.sender, ", ".join(settings.to)
    mail.set_content(f"{alert.text}\n\n{alert.subject}\n{alert.at}, alert {alert.key}\n")
    return mail


SINK = Sink("smtp", "a mail", send, SmtpSettings)
