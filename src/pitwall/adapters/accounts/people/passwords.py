"""Passwords as argon2id hashes: made, compared, made again when the parameters have moved. Two at a time, as each takes 64 MiB."""

from __future__ import annotations

from functools import cache
from threading import BoundedSemaphore
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from pitwall.domain.access.people import normal

HASHER = PasswordHasher()  # argon2id with the parameters of RFC 9106 for little memory
AT_ONCE = BoundedSemaphore(2)
Compared = Literal["right", "wrong", "right, but old"]


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    with AT_ONCE:
        return HASHER.hash(normal(password))


def compared(password: str, kept: str | None) -> Compared:
    """Return whether a password is the one of a hash, and whether that was made with other parameters than today's.

    Args:
        password: that was given.
        kept: the hash; None where there is none, which takes as long and is wrong.
    """
    known = kept is not None
    with AT_ONCE:
        try:
            HASHER.verify(kept if kept is not None else _nobodys(), normal(password))
        except (VerificationError, InvalidHashError):
            return "wrong"
    if not known:
        return "wrong"
    return "right, but old" if HASHER.check_needs_rehash(str(kept)) else "right"


@cache
def _nobodys() -> str:
    return HASHER.hash("the password of nobody")
