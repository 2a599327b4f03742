"""Parameters keep their types and tags their content: what a store of texts has cut or cannot tell is put back as it was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pitwall.domain.ports import RunReader, RunRecord
from pitwall.domain.texts.long_texts import PARAMS, TAGS, place_of_whole
from pitwall.domain.texts.param_texts import read

TEXT_PARAMS = "pitwall.text_params"  # the tag that names the texts which would read back as something else


def ambiguous(params: Mapping[str, Any]) -> list[str]:
    """Return the keys of texts that would read back as something else, e.g. the text "1"."""
    return [key for key, value in params.items() if isinstance(value, str) and read(value) is not value]


def params_of(reader: RunReader, record: RunRecord) -> dict[str, Any]:
    """Return the parameters of a run as they were logged, long ones whole."""
    texts = set(json_tag(reader, record, TEXT_PARAMS, []))
    whole = {key: _whole(reader, record, PARAMS, key, text) for key, text in record.params.items()}
    return {key: text if key in texts else read(text) for key, text in whole.items()}


def tag_of(reader: RunReader, record: RunRecord, key: str, default: str = "") -> str:
    """Return a tag of a run whole; the default where it has none."""
    return _whole(reader, record, TAGS, key, record.tags[key]) if key in record.tags else default


def json_tag(reader: RunReader, record: RunRecord, key: str, default: Any) -> Any:
    """Return what a tag of a run says as JSON; the default where it has none."""
    return json.loads(tag_of(reader, record, key)) if key in record.tags else default


def _whole(reader: RunReader, record: RunRecord, kind: str, key: str, text: str) -> str:
    place = place_of_whole(kind, key, text)
    kept = reader.file(record.run_id, place) if place else None
    return kept.read_text(encoding="utf-8") if kept else text
