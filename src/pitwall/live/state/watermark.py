"""Until when everything is known: the watermark, and for how long the feed has been silent.

Events come late and out of order. What happened `lateness_s` before the newest event is taken to be complete; what comes later still
revises an answer. An event that happened well after its source said so has a wrong clock: it is kept, and moves no watermark.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from pitwall.domain.sections.live import LiveParams
from pitwall.live.events import Event, Tick


@dataclass
class Watermark:
    """The clocks of a feed, in seconds of the race clock.

    Attributes:
        settings: lateness and skew that are allowed for.
        newest: instant of the newest event whose clock can be right.
        heard: when the feed last said something.
        now: the feed's own clock: its newest word or tick.
        skewed: events with a wrong clock so far.
        closed: the feed has ended; nothing is waited for any more.
    """

    settings: LiveParams
    newest: float = -math.inf
    heard: float = -math.inf
    now: float = -math.inf
    skewed: int = 0
    closed: bool = field(default=False)

    def see(self, event: Event) -> None:
        """Take an event into account."""
        self.heard = max(self.heard, event.published_s)
        self.now = max(self.now, event.published_s)
        if event.at_s > event.published_s + self.settings.skew_s:
            self.skewed += 1
        else:
            self.newest = max(self.newest, event.at_s)

    def tick(self, tick: Tick) -> None:
        """The feed's clock goes on without a word."""
        self.now = max(self.now, tick.now_s)

    @property
    def value(self) -> float:
        """Everything that happened until then is known."""
        return math.inf if self.closed else self.newest - self.settings.lateness_s

    @property
    def silent_s(self) -> float:
        """For how long the feed has said nothing."""
        return max(self.now - self.heard, 0.0) if math.isfinite(self.heard) else 0.0
