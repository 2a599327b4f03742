"""How a machine serves: `serving:` of settings.local.yaml. It changes no answer, so it is not in params.yaml."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pitwall.domain.params import Section

TOKENS = "PITWALL_SERVE_TOKENS"  # `always` where the command that started a worker says so
LOOPBACK = ("127.0.0.1", "localhost", "::1")
REQUIRED = "required"


class ServingSettings(Section):
    """Whom a server lets in, and how much it takes on.

    Attributes:
        hosts: names by which it may be called, beside those of loopback: the `Host` of a request must be one of them.
        origins: of web pages that may ask it from a browser, e.g. https://pit.example; none by default.
        tokens: `remote`: everybody needs a token unless the server listens on loopback alone, under no other name; `always`: there too.
        per_minute: requests a minute of one address without a token; no limit when left out.
        burst: requests at once of one address without a token.
        body_kb: of the longest question.
        waiting: questions that one worker lets wait; more are told to come again.
        streams: readers of races under way that one worker answers at once.
        accounts: `required`: pages ask for a login, and may be reached by the names of `hosts` too; every question to the API needs a token then.
        cache: answers that one worker remembers; 0 for none.
    """

    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    tokens: Literal["remote", "always"] = "remote"
    per_minute: int | None = Field(default=None, gt=0)
    burst: int = Field(default=100, gt=0)
    body_kb: int = Field(default=64, gt=0, le=10_000)
    waiting: int = Field(default=32, gt=0)
    streams: int = Field(default=64, gt=0)
    accounts: Literal["none", "required"] = "none"
    cache: int = Field(default=2_000, ge=0)
