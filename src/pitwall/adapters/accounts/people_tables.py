"""The tables of people: accounts, their sessions, wrong passwords, and names that nobody gets again."""

from __future__ import annotations

from sqlalchemy import Integer, String, column, table

# names that were tried and names that went are hashes: the first may be a password in the wrong field, the second are nobody's business
PEOPLE = (
    "CREATE TABLE accounts (owner TEXT PRIMARY KEY REFERENCES owners (name), hash TEXT NOT NULL, role TEXT NOT NULL, "
    "created TEXT NOT NULL, changed TEXT NOT NULL)",
    "CREATE TABLE sessions (hash TEXT PRIMARY KEY, owner TEXT NOT NULL REFERENCES accounts (owner), created TEXT NOT NULL, "
    "seen TEXT NOT NULL, expires TEXT NOT NULL, ended TEXT)",
    "CREATE INDEX sessions_of ON sessions (owner)",
    "CREATE TABLE attempts (name TEXT PRIMARY KEY, failed INTEGER NOT NULL, waits_until TEXT NOT NULL, last TEXT NOT NULL)",
    "CREATE TABLE departed (name TEXT PRIMARY KEY, at TEXT NOT NULL)",
)
accounts = table("accounts", *(column(c, String) for c in ("owner", "hash", "role", "created", "changed")))
sessions = table("sessions", *(column(c, String) for c in ("hash", "owner", "created", "seen", "expires", "ended")))
attempts = table("attempts", column("failed", Integer), *(column(c, String) for c in ("name", "waits_until", "last")))
departed = table("departed", column("name", String), column("at", String))
