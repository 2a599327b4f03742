"""What a sink is: a name, its settings, and a function that sends one alert or says why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.params import Section
from pitwall.domain.records.alerts import Alert

TIMEOUT_S = 10.0
Send = Callable[[Alert, Any, tuple[str, ...]], None]


class NoSettings(Section):
    """The settings of a sink that has none."""


@dataclass(frozen=True)
class Sink:
    """One place that alerts can go to.

    Attributes:
        name: as in settings.local.yaml.
        summary: in a few words.
        deliver: (alert, settings, hosts that are allowed) -> None; raises AlertError where the alert did not get there.
        model: of its settings.
    """

    name: str
    summary: str
    deliver: Send
    model: type[Section] = NoSettings

    def settings(self, options: Mapping[str, Any]) -> Section:
        """Check the sink's section.

        Raises:
            UnknownName: it has no such setting.
            UsageError: a setting is missing or wrong; its value is not repeated, it may be a password.
        """
        for name in options:
            if name not in self.model.model_fields:
                raise UnknownName(f"setting of the sink {self.name}", name, self.model.model_fields)
        try:
            return self.model.model_validate(options)
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            place = ".".join(map(str, first["loc"]))
            raise UsageError(f"settings.local.yaml: the sink {self.name}: {place}: {first['msg']}") from None
