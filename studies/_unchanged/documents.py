"""A document (JSON) as comparable values by dotted path: names of today, words for what names the run, without what varies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from _unchanged.identity import Side, renamed
from _unchanged.varying import settled_row, settled_verdict, varies
from pitwall.domain import renames

Flat = dict[str, Any]
REFUSED = re.compile(r"(gates failed \()(.*)(\))", re.DOTALL)
NEXT_GATE = re.compile(r"; (?=[a-z_]+: )")


def flat(document: Any, side: Side) -> Flat:
    """Return {dotted path: value}; numbers as they are, to the last bit."""
    return {path: value for path, value in _leaves(_settled(renamed(document), side), "") if not varies(path)}


def rows_by_name(rows: list[Mapping[str, Any]], side: Side) -> dict[str, Flat]:
    """Return rows of a result table by what they are about (every text, whole number and null), whatever their order."""
    found: dict[str, Flat] = {}
    for row in (flat(row, side) for row in rows):
        name = " ".join(str(value) for value in row.values() if not isinstance(value, float))
        found[f"{name} #{sum(key.startswith(f'{name} #') for key in found)}"] = row
    return found


def _settled(value: Any, side: Side) -> Any:
    """Return a document with verdicts settled and a card's lists turned into mappings by their names."""
    if isinstance(value, list):
        settled = [_settled(each, side) for each in value]
        return sorted(settled, key=_gate) if any(map(_is_verdict, value)) else settled
    if isinstance(value, Mapping):
        return _settled_mapping(settled_verdict(renames.verdict(value)) if _is_verdict(value) else value, side)
    return side.text(REFUSED.sub(_by_gate, value)) if isinstance(value, str) else value


def _by_gate(found: re.Match[str]) -> str:
    """Return why a candidate was refused, by the gates' names of today: their order is that of their names."""
    reasons = (each.partition(": ") for each in NEXT_GATE.split(found[2]))
    return f"{found[1]}{'; '.join(sorted(f'{renames.gate(name)}: {why}' for name, _, why in reasons))}{found[3]}"


def _settled_mapping(value: Mapping[str, Any], side: Side) -> dict[str, Any]:
    if value.get("kind") == "facts":
        return {"facts": {key: _settled(each, side) for key, each in value["facts"]}}
    if value.get("kind") == "picture":
        return {"picture": value["name"], "caption": value.get("caption")}  # drawn from the numbers beside it
    if value.get("kind") == "table":
        rows = [settled_row(_settled(row, side)) for row in value["rows"]]
        return {**value, "rows": sorted(rows) if value["columns"][0] == "gate" else rows}  # gates stand by name
    if isinstance(value.get("sections"), list):
        sections = {each["name"]: _section(each["blocks"], side) for each in value["sections"]}
        return {**{k: _settled(v, side) for k, v in value.items() if k != "sections"}, **sections}
    return {key: _settled(each, side) for key, each in value.items()}


def _is_verdict(value: Any) -> bool:
    return isinstance(value, Mapping) and "gate" in value and "measured" in value


def _gate(verdict: Mapping[str, Any]) -> str:
    return f"{verdict['gate']} {verdict['template']} {verdict['limit']}"


def _section(blocks: list[Any], side: Side) -> dict[str, Any]:
    """Return a card's section: all its facts together, and its other blocks in order."""
    settled = [_settled(block, side) for block in blocks]
    facts = {key: value for block in settled if "facts" in block for key, value in block["facts"].items()}
    return {"facts": facts, "blocks": [block for block in settled if "facts" not in block]}


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _leaves(each, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _leaves(each, f"{path}[{index}]")
        if not value:
            yield path, "[]"
    else:
        yield path, value
