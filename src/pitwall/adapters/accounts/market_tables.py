"""The tables of shared models: their names, their versions, who took one and when, and what people think of it."""

from __future__ import annotations

from sqlalchemy import Integer, String, column, table

# a name is shared by a key: two people may share models under one name; no reference to owners, as most of these are nobody's here
MARKET = (
    "CREATE TABLE shared (name TEXT NOT NULL, signer TEXT NOT NULL, owner TEXT NOT NULL, created TEXT NOT NULL, "
    "PRIMARY KEY (name, signer))",
    "CREATE TABLE shared_versions (bundle TEXT PRIMARY KEY, name TEXT NOT NULL, signer TEXT NOT NULL, version INTEGER NOT NULL, "
    "place TEXT NOT NULL, created TEXT NOT NULL, FOREIGN KEY (name, signer) REFERENCES shared (name, signer) ON DELETE CASCADE)",
    "CREATE TABLE downloads (bundle TEXT NOT NULL REFERENCES shared_versions (bundle) ON DELETE CASCADE, owner TEXT NOT NULL, "
    "at TEXT NOT NULL)",
    "CREATE INDEX downloads_since ON downloads (at)",
    "CREATE TABLE ratings (bundle TEXT NOT NULL REFERENCES shared_versions (bundle) ON DELETE CASCADE, owner TEXT NOT NULL, "
    "stars INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5), at TEXT NOT NULL, PRIMARY KEY (bundle, owner))",
)
BADGES = (
    "CREATE TABLE badges (bundle TEXT PRIMARY KEY REFERENCES shared_versions (bundle) ON DELETE CASCADE, outcome TEXT NOT NULL, "
    "said TEXT NOT NULL, theirs TEXT NOT NULL, ours TEXT NOT NULL, code TEXT NOT NULL, data TEXT NOT NULL, at TEXT NOT NULL, "
    "owner TEXT NOT NULL)",
)
WITHDRAWN = ("CREATE TABLE withdrawn (bundle TEXT PRIMARY KEY, at TEXT NOT NULL)",)
shared = table("shared", *(column(c, String) for c in ("name", "signer", "owner", "created")))
shared_versions = table(
    "shared_versions",
    *(column(c, String) for c in ("bundle", "name", "signer", "place", "created")),
    column("version", Integer),
)
downloads = table("downloads", *(column(c, String) for c in ("bundle", "owner", "at")))
badges = table(
    "badges",
    *(column(c, String) for c in ("bundle", "outcome", "said", "theirs", "ours", "code", "data", "at", "owner")),
)
withdrawn = table("withdrawn", column("bundle", String), column("at", String))
ratings = table("ratings", *(column(c, String) for c in ("bundle", "owner", "at")), column("stars", Integer))
