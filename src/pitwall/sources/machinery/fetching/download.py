"""Download one file over http(s) from the host that the user named, with limits on time and size.

A redirect to another host is refused: the user vouched for one host only. Retrying is left to the flow that called.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from pitwall.domain.errors import SourceError

MAX_REDIRECTS = 5


def download(
    url: str,
    target: Path,
    connect_timeout_s: float,
    total_timeout_s: float,
    max_mb: int,
    *,
    also: Collection[str] = (),
) -> None:
    """Write the content of `url` to `target`.

    Args:
        url: what to fetch.
        target: the file to write.
        connect_timeout_s: seconds without an answer.
        total_timeout_s: seconds in all.
        max_mb: megabytes.
        also: further hosts to which a redirect over https may go.

    Raises:
        SourceError: unreachable, slow, too large, an error status, or a redirect to another host.
    """
    import httpx

    deadline = time.monotonic() + total_timeout_s
    try:
        with httpx.Client(timeout=connect_timeout_s, follow_redirects=False, trust_env=True) as client:
            for _ in range(MAX_REDIRECTS):
                with client.stream("GET", url) as response:
                    if response.is_redirect:
                        url = _next(url, response.headers.get("location", ""), also)
                        continue
                    _save(response, target, url, deadline=deadline, total_s=total_timeout_s, max_mb=max_mb)
                    return
    except httpx.TimeoutException as error:
        raise SourceError(f"{url} did not answer within {connect_timeout_s:g} s; {_ADVICE}") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceError(f"{url} cannot be reached ({error}); {_ADVICE}") from error
    raise SourceError(f"{url} redirects more than {MAX_REDIRECTS} times; give the final URL.")


_ADVICE = "check the URL and the network, or download the file yourself and give its path."


def _next(url: str, location: str, also: Collection[str]) -> str:
    following = urljoin(url, location)
    here, there = urlsplit(url), urlsplit(following)
    if there.hostname in also and there.scheme == "https":
        return following
    if there.hostname != here.hostname or (here.scheme == "https" and there.scheme != "https"):
        raise SourceError(f"{url} redirects to {following}, another host; if you trust that one, give its URL instead.")
    return following


def _save(response: Any, target: Path, url: str, *, deadline: float, total_s: float, max_mb: int) -> None:
    if response.status_code != 200:
        raise SourceError(f"{url} answered {response.status_code} instead of a file; {_ADVICE}")
    written = 0
    with target.open("wb") as out:
        for block in response.iter_bytes():
            written += len(block)
            if written > max_mb << 20:
                raise SourceError(
                    f"{url} is larger than {max_mb} MB; raise max_download_mb of the source in params.yaml if it is right."
                )
            if time.monotonic() > deadline:
                raise SourceError(f"{url} was not complete after {total_s:g} s; {_ADVICE}")
            out.write(block)
