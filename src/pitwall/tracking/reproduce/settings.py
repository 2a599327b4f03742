"""Write params.yaml of a repetition: as the run had it, byte for byte, with the parameters that are changed on purpose."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from ruamel.yaml import YAML

from pitwall.domain.errors import UsageError
from pitwall.domain.params import load_params


def parse_settings(texts: list[str]) -> dict[str, str]:
    """Return {dotted name: value} of texts `KEY=VALUE`.

    Example:
        >>> parse_settings(["tuning.trials=3", "seed=8"])
        {'tuning.trials': '3', 'seed': '8'}
    """
    pairs = [text.partition("=") for text in texts]
    if wrong := [key for key, equals, _ in pairs if not (key and equals)]:
        raise UsageError(f"--set {wrong[0]}: expected KEY=VALUE, for example --set tuning.trials=3.")
    return {key: value for key, _, value in pairs}


def write_params(recorded: Path, target: Path, changes: Mapping[str, str]) -> None:
    """Copy params.yaml and change some of its values.

    Raises:
        UnknownName: a changed parameter does not exist; offers the nearest.
        UsageError: a value does not fit.
    """
    shutil.copyfile(recorded, target)
    if not changes:
        return
    yaml = YAML()
    yaml.preserve_quotes = True
    content = yaml.load(target.read_text(encoding="utf-8"))
    for key, text in changes.items():
        *path, name = key.split(".")
        section = content
        for part in path:
            section = section.setdefault(part, {})
        section[name] = YAML(typ="safe", pure=True).load(text)
    with target.open("w", encoding="utf-8") as stream:
        yaml.dump(content, stream)
    load_params(target)
