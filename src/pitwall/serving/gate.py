"""Who is let in, and how often: tokens with scopes, limits per minute, quotas per day. Every route says what it asks for.

A token is looked up once a second at most; where the accounts do not answer, what was known a moment ago holds for half a minute.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, get_type_hints

from cachetools import TTLCache
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from pitwall.domain.access.quota_leases import QuotaLeases
from pitwall.domain.access.rate_limit import RateLimit
from pitwall.domain.access.serving_settings import ServingSettings
from pitwall.domain.access.words import Holder, Tier
from pitwall.domain.clock import wall
from pitwall.domain.errors import AccountsError
from pitwall.domain.ports.accounts import Accounts
from pitwall.serving.problems import HttpProblem

PUBLIC = "public"
FRESH_S, STALE_S = 1.0, 30.0
REMEMBERED = 10_000
DECLARED = "x-access"


@dataclass(frozen=True)
class Access:
    """What a route asks for.

    Attributes:
        scope: that a token must have; `public` asks for none.
        counted: it counts towards the quota of the day.
    """

    scope: str
    counted: bool = False

    def declared(self) -> dict[str, Any]:
        """Return it as the route's part of OpenAPI."""
        scheme = {} if self.scope == PUBLIC else {"security": [{"token": [self.scope]}, {}]}
        return {DECLARED: {"scope": self.scope, "counted": self.counted}, **scheme}


class Gate:
    """Lets requests in.

    Args:
        settings: of the machine.
        accounts: opens the accounts; called when the first token comes.
        tokens_needed: whether nobody is let in without one.
    """

    def __init__(self, settings: ServingSettings, accounts: Callable[[], Accounts], *, tokens_needed: bool) -> None:
        self._open, self._needed = accounts, tokens_needed
        self._seen: TTLCache[str, tuple[float, Holder | None]] = TTLCache(REMEMBERED, STALE_S)
        self._limits: dict[Tier, RateLimit] = {}
        self._anonymous = RateLimit(settings.per_minute, settings.burst) if settings.per_minute else None
        self._leases: QuotaLeases | None = None

    async def admit(self, request: Request, access: Access) -> None:
        """Let a request in, or raise HttpProblem: no token, not allowed, too many."""
        if access.scope == PUBLIC:
            return
        given = request.headers.get("authorization")
        if given is None:
            self._without(request)
            return
        holder = await self._holder(given)
        if access.scope not in holder.scopes:
            raise HttpProblem(
                403,
                "not allowed",
                found=f"a token for {', '.join(sorted(holder.scopes)) or 'nothing'}",
                expected=f"one for {access.scope}",
                do=f"`pitwall token create OWNER --scope {access.scope}`",
            )
        request.state.holder = holder.token
        self._hold_back(holder)
        if access.counted:
            await self._count(holder)

    def close(self) -> None:
        """Give back what was taken of quotas and not used."""
        if self._leases is not None:
            self._leases.close()

    def _without(self, request: Request) -> None:
        if self._needed:
            raise _no_token("no token")
        if self._anonymous is not None:
            address = request.client.host if request.client else ""
            _wait(self._anonymous.take(address, time.monotonic()), "requests of this address")

    async def _holder(self, given: str) -> Holder:
        scheme, _, text = given.partition(" ")
        if scheme.lower() != "bearer" or not text.strip():
            raise _no_token("an Authorization header that is no bearer token")
        text = text.strip()
        now, seen = time.monotonic(), self._seen.get(text)
        if seen is None or now - seen[0] > FRESH_S:
            try:
                seen = now, await asyncio.to_thread(self._open().who, text)
                self._seen[text] = seen
            except AccountsError as error:
                if seen is None:
                    raise _away() from error
        if seen[1] is None:
            raise _no_token("a token that is unknown, expired or revoked")
        return seen[1]

    def _hold_back(self, holder: Holder) -> None:
        tier = holder.tier
        if tier.requests_per_minute is None:
            return
        if tier not in self._limits:
            self._limits[tier] = RateLimit(tier.requests_per_minute, tier.burst or tier.requests_per_minute)
        _wait(self._limits[tier].take(holder.owner, time.monotonic()), f"requests of tier {tier.name}")

    async def _count(self, holder: Holder) -> None:
        if holder.tier.requests_per_day is None:
            return
        if self._leases is None:
            self._leases = QuotaLeases(self._open())
        found = await asyncio.to_thread(self._leases.take, holder)
        if found == "used_up":
            now = wall()
            midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
            raise too_many(
                "the quota of the day is used up",
                f"{holder.tier.requests_per_day} a day",
                (midnight - now).total_seconds(),
            )
        if found == "unknown":
            raise _away()


class GuardedRoute(APIRoute):
    """A route that declares what it asks for; one that does not is refused when the app is made."""

    @property
    def asked(self) -> dict[str, type[BaseModel]]:
        """What the handler is given of a body, by name; a route without one has none."""
        return {name: each for name, each in get_type_hints(self.endpoint).items() if _is_model(each)}

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler behind the gate."""
        inner, access, asked = super().get_route_handler(), access_of(self), self.asked

        async def handle(request: Request) -> Response:
            await request.app.state.server.gate.admit(request, access)
            return await (self._direct(request, asked) if asked else inner(request))

        return handle

    async def _direct(self, request: Request, asked: Mapping[str, type[BaseModel]]) -> Response:
        """Call a handler with its body read at once: the framework's way over dictionaries costs a third of a quick answer."""
        content = await request.body()
        try:
            told = {name: model.model_validate_json(content) for name, model in asked.items()}
        except ValidationError as error:
            raise RequestValidationError(error.errors(include_url=False)) from None
        response: Response = await self.endpoint(request=request, **request.path_params, **told)
        return response


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def access_of(route: APIRoute) -> Access:
    """Return what a route asks for.

    Raises:
        TypeError: it does not say.
    """
    declared = (route.openapi_extra or {}).get(DECLARED)
    if declared is None:
        raise TypeError(f"the route {route.path} does not say who may ask it; give it an Access.")
    return Access(declared["scope"], declared["counted"])


def too_many(title: str, expected: str, seconds: float) -> HttpProblem:
    """Return the refusal of a request that came too soon."""
    wait = max(1, math.ceil(seconds))
    return HttpProblem(
        429,
        title,
        found="one more request",
        expected=expected,
        do=f"ask again in {wait} s",
        headers={"Retry-After": str(wait)},
    )


def _wait(seconds: float, whose: str) -> None:
    if seconds:
        raise too_many("too many requests", f"fewer {whose}", seconds)


def _no_token(found: str) -> HttpProblem:
    return HttpProblem(
        401,
        "no token",
        found=found,
        expected="Authorization: Bearer pw_...",
        do="`pitwall token create OWNER` makes one",
        headers={"WWW-Authenticate": "Bearer"},
    )


def _away() -> HttpProblem:
    return HttpProblem(
        503,
        "accounts away",
        found="an accounts database that does not answer",
        expected="one that says who holds a token",
        do="ask again in a moment",
        headers={"Retry-After": "2"},
    )
