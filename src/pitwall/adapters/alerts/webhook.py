"""The `webhook` sink: the alert as JSON, posted to a public HTTPS address, or to a host that is allowed by name.

The request goes to the very addresses that were checked, with the host's name in the header and in the certificate's check. It is given
to httpx's transport itself: a client would follow the environment's proxies and log the address, which often is a secret.
"""

from __future__ import annotations

import httpx
from pydantic import SecretStr

from pitwall.adapters.alerts.machinery.addresses import addresses
from pitwall.adapters.alerts.machinery.sink import TIMEOUT_S, Sink
from pitwall.domain.errors import AlertError, UsageError
from pitwall.domain.params import Section
from pitwall.domain.records.alerts import Alert

PORTS = {"https": 443, "http": 80}
HOST = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-_:")


class WebhookSettings(Section):
    """Where to post; the address is treated as a secret."""

    url: SecretStr


def send(alert: Alert, settings: WebhookSettings, allowed: tuple[str, ...]) -> None:
    """Post the alert; anything but a 2xx answer is a failure, a redirect too."""
    url, host = _target(settings.url.get_secret_value(), allowed)
    refused = ""
    for address in addresses(host, url.port or PORTS[url.scheme], allowed):
        try:
            status = _post(url, host, address, alert)
        except httpx.ConnectError as error:  # the next address may answer
            refused = f"{host} could not be reached: {error}"
            continue
        except httpx.HTTPError as error:
            raise AlertError(f"{host} did not answer as it should: {type(error).__name__}") from None
        if httpx.codes.is_success(status):
            return
        raise AlertError(f"{host} answered {status}{_remark(status)}")
    raise AlertError(refused)


def _target(text: str, allowed: tuple[str, ...]) -> tuple[httpx.URL, str]:
    """Return the address and its host.

    Raises:
        UsageError: the address is none that may be posted to; it is not repeated.
    """
    try:
        url = httpx.URL(text)
        host = url.raw_host.decode("ascii")
    except (httpx.InvalidURL, UnicodeError):
        url, host = httpx.URL(), "?"
    if set(host) - HOST:
        raise UsageError("the webhook's url is no address; give https://HOST/PATH.")
    if not host or url.userinfo:
        raise UsageError("the webhook's url needs a host, and holds no name and password; give https://HOST/PATH.")
    if url.scheme != "https" and not (url.scheme == "http" and host in allowed):
        raise UsageError(
            f"the webhook's url is not https://; plain http:// is for hosts named in alerts.allow_hosts, and {host} is none."
        )
    return url, host


def _post(url: httpx.URL, host: str, address: str, alert: Alert) -> int:
    """Return the status of the answer; its body is not read."""
    request = httpx.Request(
        "POST",
        url.copy_with(host=address),
        headers={"Host": url.netloc.decode("ascii"), "User-Agent": "pitwall"},
        json=alert.row(),
        extensions={"sni_hostname": host, "timeout": httpx.Timeout(TIMEOUT_S).as_dict()},
    )
    with httpx.HTTPTransport() as transport:
        response = transport.handle_request(request)
        response.close()
    return response.status_code


def _remark(status: int) -> str:
    return "; redirects are not followed" if httpx.codes.is_redirect(status) else ""


SINK = Sink("webhook", "JSON by HTTPS", send, WebhookSettings)
