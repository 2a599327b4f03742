"""Passwords hashed with next to no work: many logins in a test take no time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher

from pitwall.adapters.accounts.people import passwords


@contextmanager
def cheap_passwords(rounds: int = 1) -> Iterator[None]:
    """Hash with the smallest parameters; other rounds make hashes that look old to each other."""
    before = passwords.HASHER
    passwords.HASHER = PasswordHasher(time_cost=rounds, memory_cost=8, parallelism=1)
    passwords._nobodys.cache_clear()
    try:
        yield
    finally:
        passwords.HASHER = before
        passwords._nobodys.cache_clear()
