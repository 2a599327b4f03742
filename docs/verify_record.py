"""Verify an exported track record: python -I -S verify_record.py FILE [HASH kept elsewhere]; exit code 1 if it was changed."""

import json
import sys
from datetime import datetime as date
from hashlib import sha256
from pathlib import Path

*lines, torn = Path(sys.argv[1]).read_text(encoding="utf-8", errors="replace").split("\n")
hashes, wrong, replayed, prev, at = [""], [], 0, "0" * 64, "0001-01-01T00:00:00+00:00"
for number, line in enumerate(lines, start=1):
    try:
        row = json.loads(line)
        bare = {key: value for key, value in row.items() if key != "hash"}
        text, whole = (json.dumps(each, sort_keys=True, separators=(",", ":")) for each in (bare, row))
        good = whole == line and sha256(text.encode()).hexdigest() == row["hash"]  # not edited
        good = good and row["seq"] == number and row["prev"] == prev and row["kind"] != "broken"  # in its place
        good = good and date.fromisoformat(at) <= date.fromisoformat(row["at"])  # not back-dated
        if row["kind"] in {"forecast", "title", "own"}:
            written = max(date.fromisoformat(row[name]) for name in ("at", "made_at") if name in row)
            good = good and row["in_time"] is (written < date.fromisoformat(row["starts_at"]))
        prev, at, replayed = row["hash"], row["at"], replayed + bool(row.get("replayed"))
        hashes.append(prev)
    except (ValueError, KeyError, TypeError, AttributeError):
        good = False
    wrong += [] if good else [f"row {number} was edited, moved, put in or back-dated, or rows before it are gone"]
wrong += ["the last line is torn"] * bool(torn)
wrong += ["no row has that hash"] * (sys.argv[-1] not in {*hashes, sys.argv[1]})
print(*wrong, f"{len(lines)} rows, {replayed} replayed, {len(wrong)} findings; head {prev}", sep="\n")
sys.exit(bool(wrong))
