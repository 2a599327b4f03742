"""YAML of a stranger: parameters are plain values, so aliases (which multiply), tags (which make objects) and depth are refused."""

from __future__ import annotations

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, NodeEvent

from pitwall.workflows.hub.opening.refusal import BundleRefused
from pitwall.workflows.hub.opening.texts import see_text

MOST_BYTES = 1_000_000
MOST_DEPTH = 20


def see_yaml(name: str, content: bytes) -> None:
    """Look at a YAML file, event by event; no value is made of it.

    Raises:
        BundleRefused: it is none, or more than plain values.
    """
    see_text(name, content)
    if len(content) > MOST_BYTES:
        raise BundleRefused("yaml", f"{name} of {len(content):,} bytes")
    depth = 0
    try:
        for event in YAML(typ="safe", pure=True).parse(content.decode()):
            if isinstance(event, NodeEvent):
                _see_plain(name, event)
            depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
            if depth > MOST_DEPTH:
                raise BundleRefused("yaml", f"{name}: more than {MOST_DEPTH} deep")
    except (YAMLError, ValueError, RecursionError) as error:
        raise BundleRefused("yaml", f"{name}: {error}") from None


def _see_plain(name: str, event: NodeEvent) -> None:
    if isinstance(event, AliasEvent) or event.anchor is not None:
        raise BundleRefused("yaml", f"{name}: the alias {event.anchor}")
    if (tag := getattr(event, "tag", None)) is not None:
        raise BundleRefused("yaml", f"{name}: the tag {tag}")
