"""Parameters keep their types: which texts would read back as something else is said in a tag of the run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pitwall.domain.param_texts import read

TEXT_PARAMS = "pitwall.text_params"  # the tag that names the texts which would read back as something else


def ambiguous(params: Mapping[str, Any]) -> list[str]:
    """Return the keys of texts that would read back as something else, e.g. the text "1"."""
    return [key for key, value in params.items() if isinstance(value, str) and read(value) is not value]


def typed(params: Mapping[str, str], tags: Mapping[str, str]) -> dict[str, Any]:
    """Return parameters as they were logged."""
    texts = set(json.loads(tags.get(TEXT_PARAMS, "[]")))
    return {key: text if key in texts else read(text) for key, text in params.items()}
