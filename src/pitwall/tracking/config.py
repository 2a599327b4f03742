"""The configuration of an experiment: set and read by dotted keys, frozen for good, hashed by value, compared.

The values are kept as plain data of our own: what goes in is copied and what comes out is read-only, so that a frozen
configuration cannot be changed behind its back through a list that somebody still holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.tracking.canonical import MISSING, canonical, changes, hash_of

HASH_LENGTH = 12


class ExperimentConfig:
    """Nested settings with dotted keys.

    Example:
        >>> config = ExperimentConfig({"model": {"rounds": 10}})
        >>> config.set("model.rate", 0.1)
        >>> config.get("model.rate")
        0.1
        >>> other = ExperimentConfig({"model": {"rounds": 10}})
        >>> config.diff(other)
        {'model.rate': {'old': 0.1, 'new': missing}}
    """

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        self._values: dict[str, Any] = _plain(values or {})
        self._frozen = False
        canonical(self._values)

    @classmethod
    def from_params(cls, path: Path) -> ExperimentConfig:
        """Return the settings of a params.yaml, checked and with its defaults."""
        from pitwall.domain.params import load_params

        return cls(load_params(path).model_dump(mode="json"))

    @property
    def frozen(self) -> bool:
        """Whether `set` is refused."""
        return self._frozen

    def get(self, key: str, default: Any = MISSING) -> Any:
        """Return the value of a dotted key; mappings and lists come back read-only.

        Raises:
            UnknownName: there is no such key and no default was given; offers the nearest one.
        """
        found: Any = self._values
        for part in key.split("."):
            found = found.get(part, MISSING) if isinstance(found, Mapping) else MISSING
        if found is not MISSING:
            return _read_only(found)
        if default is MISSING:
            raise UnknownName("configuration key", key, _dotted(self._values))
        return default

    def set(self, key: str, value: Any) -> None:
        """Set a dotted key, making the mappings above it.

        Raises:
            UsageError: the configuration is frozen, a part of the key is empty or no mapping, or the value has no
                canonical form.
        """
        if self._frozen:
            raise UsageError(f"the configuration is frozen: {key} stays {self.get(key, 'unset')!r}; make a new one.")
        canonical(value)
        *above, last = key.split(".")
        if not all((*above, last)):
            raise UsageError(f"the key {key!r} has an empty part; write it as `section.name`.")
        section = self._values
        for depth, part in enumerate(above):
            section = section.setdefault(part, {})
            if not isinstance(section, dict):
                raise UsageError(f"{'.'.join(above[: depth + 1])} is a value, not a section; {key} cannot be set.")
        section[last] = _plain(value)

    def freeze(self) -> ExperimentConfig:
        """Refuse every later `set`; return the configuration itself."""
        self._frozen = True
        return self

    def hash(self) -> str:
        """Return 12 hexadecimal digits of the sha256 of the canonical form; 1, 1.0, True and "1" give four of them."""
        return hash_of(self._values)[:HASH_LENGTH]

    def diff(self, other: ExperimentConfig) -> dict[str, dict[str, Any]]:
        """Return {dotted key: {"old": this one's value, "new": the other's}} where they differ.

        A key that one side lacks has the value `MISSING` there, which is not None.
        """
        found = changes(self._values, other._values)
        return {change.field: {"old": change.old, "new": change.new} for change in found}

    def to_dict(self) -> dict[str, Any]:
        """Return a copy as plain nested dictionaries and lists."""
        copy: dict[str, Any] = _plain(self._values)
        return copy

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ExperimentConfig) and canonical(self._values) == canonical(other._values)

    __hash__ = None  # type: ignore[assignment]  # it can change until it is frozen; `hash()` is its identity

    def __repr__(self) -> str:
        return f"ExperimentConfig({self._values!r}{', frozen' if self._frozen else ''})"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        dotted = [key for key in value if isinstance(key, str) and ("." in key or not key)]
        if dotted:
            raise UsageError(f"the key {dotted[0]!r} is empty or has a dot in it; dots separate sections, so nest it.")
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, (list, tuple)) else value


def _read_only(value: Any) -> Any:
    if isinstance(value, Mapping):
        return MappingProxyType({key: _read_only(each) for key, each in value.items()})
    return tuple(_read_only(each) for each in value) if isinstance(value, list) else value


def _dotted(values: Mapping[str, Any], above: str = "") -> list[str]:
    names = []
    for key, value in values.items():
        names.append(f"{above}{key}")
        if isinstance(value, Mapping):
            names += _dotted(value, f"{above}{key}.")
    return names
