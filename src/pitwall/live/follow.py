"""The state machine of a race: events go in, in any order, and answers come out, each from all that happened until its instant.

An answer is due when the watermark has passed its round. Features are then made of the race's tables as far as they are complete, and
every model is asked about the rows that were cut off since the round before. What is told later about an answered lap revises
the answer, as a version with a higher number, if it says anything else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pandas as pd

from pitwall.domain.sections.live import LiveParams
from pitwall.domain.when import BEFORE
from pitwall.live.answer import LiveAnswer
from pitwall.live.events import End, Item, Tick
from pitwall.live.features import LiveFeatures
from pitwall.live.journal import Told, digest
from pitwall.live.race import LiveRace
from pitwall.live.state.board import running_order, state_of
from pitwall.live.state.ledger import Ledger
from pitwall.live.state.prefix import Prefix
from pitwall.live.state.rounds import PER_LAP, Round, check_every, rounds
from pitwall.live.state.watermark import Watermark
from pitwall.live.voices import Voice
from pitwall.live.widening import aged

Said = dict[str, dict[tuple[int, ...], tuple[float, ...]]]


@dataclass
class Asked:
    """What was said in one round.

    Attributes:
        round: when.
        said: by model the keys of its rows and their answer, bit by bit.
        lines: the same for people: driver (0 for the race) and answers by question.
        revision: which version of the answer this is.
    """

    round: Round
    said: Said
    lines: list[tuple[int, dict[str, Any]]]
    revision: int = 1


@dataclass
class Follower:
    """Follows one race.

    Attributes:
        race: what was known before.
        voices: who answers.
        features: of the race.
        settings: lateness and silence.
        source: of the events, for people.
        every: how often to ask.
        notes: that every answer carries.
        told: versions that an earlier session has told, with their hashes: they are not told again.
        asked: what was said, by lap and sector.
    """

    race: LiveRace
    voices: Sequence[Voice]
    features: LiveFeatures
    settings: LiveParams
    source: str
    every: str = PER_LAP
    notes: tuple[str, ...] = ()
    told: Mapping[tuple[int, int], Told] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)
    asked: dict[tuple[int, int], Asked] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Start with nothing told."""
        check_every(self.every)
        self.clock = Watermark(self.settings)
        self._prefix = Prefix(self.race, self.ledger)
        self._moved = math.inf  # from here on answers may be others than they were
        self._answered = -math.inf
        self._draft: Asked | None = None
        self._unwritten: list[tuple[int, int]] = []
        self._last: LiveAnswer | None = None
        self._spoke_of_silence = 0.0

    def take(self, items: Iterable[Item]) -> None:
        """Take what a feed tells into account; nothing is answered yet."""
        for item in items:
            if isinstance(item, Tick):
                self.clock.tick(item)
            elif isinstance(item, End):
                self.clock.closed = True
            else:
                self.clock.see(item)
                changed = self.ledger.apply(item)
                if changed is not None and changed <= self._answered:
                    self._moved = min(self._moved, changed)
                if changed is not None and self._draft and changed <= self._draft.round.at_s:
                    self._draft = None

    def due(self, *, newest_only: bool = False) -> Iterator[LiveAnswer]:
        """Yield the answers that are due: revised ones of earlier laps first, then those of laps that are complete now.

        Args:
            newest_only: of several laps that became complete at once only the newest one is told, where nobody wants the others any more.
        """
        until = self.clock.value
        all_rounds = rounds(self.ledger, until, self.every)
        fresh = [each for each in all_rounds if (each.lap, each.sector) not in self.asked]
        if fresh or (self._moved < math.inf and (self.clock.closed or self._quiet())):
            yield from self._answers(all_rounds, until, newest_only=newest_only)
        else:
            yield from self._of_silence()

    def fresh(self) -> list[tuple[tuple[int, int], Asked]]:
        """Return the rounds that were asked anew since the last call, for whoever writes them down."""
        new, self._unwritten = self._unwritten, []
        return [(where, self.asked[where]) for where in new]

    def _quiet(self) -> bool:
        return self.clock.now - self.clock.heard > 0

    def _answers(self, all_rounds: Sequence[Round], until: float, *, newest_only: bool) -> Iterator[LiveAnswer]:
        moved, self._moved = self._moved, math.inf
        ask = self._asker(until) if self._draft is None or moved < math.inf else None
        for before, each in zip([None, *all_rounds[:-1]], all_rounds, strict=True):
            known = self.asked.get((each.lap, each.sector))
            if known is not None and each.at_s < moved and known.round == each:
                continue
            draft, self._draft = self._draft, None
            if draft is None or draft.round != each or moved < math.inf:
                ask = ask or self._asker(until)
                draft = ask(before, each)
            asked = draft
            asked.revision, is_news = self._version(known, asked)
            self.asked[each.lap, each.sector] = asked
            self._unwritten += [(each.lap, each.sector)] if is_news else []
            self._answered = max(self._answered, each.at_s)
            if is_news and (known is not None or each is all_rounds[-1] or not newest_only):
                yield self._answer(asked)

    def _version(self, known: Asked | None, asked: Asked) -> tuple[int, bool]:
        """Return the number of an answer, and whether it is to be told: not where it says what was told before."""
        if known is not None:
            same = known.said == asked.said and known.round == asked.round
            return known.revision + (not same), not same
        revision, said = self.told.get((asked.round.lap, asked.round.sector), (0, ""))
        return (revision, False) if said == digest(asked.said) else (revision + 1, True)

    def prepare(self) -> None:
        """Ask about the next round before the watermark has passed it, so that its answer is at hand then, if nothing about it comes late.

        It is worth while where time passes between events: a fifth of the lateness that is allowed for must be over.
        """
        newest = self.clock.newest
        seen = rounds(self.ledger, newest - self.settings.lateness_s / 5, self.every)
        fresh = [place for place, each in enumerate(seen) if (each.lap, each.sector) not in self.asked]
        if self._draft is None and fresh and self._moved == math.inf:
            before, each = (seen[fresh[0] - 1] if fresh[0] else None), seen[fresh[0]]
            self._draft = self._asker(each.at_s)(before, each)

    @property
    def drafted(self) -> bool:
        """Whether the answer of a round is at hand that the watermark has not passed."""
        return self._draft is not None

    def _asker(self, until: float) -> Callable[[Round | None, Round], Asked]:
        """Return who asks the models about a round, from all that had happened until an instant."""
        if not self.voices:
            return partial(self._ask, {})
        self.features.learn(own := self._prefix.at(until))
        return partial(self._ask, self._spines(own))

    def _spines(self, own: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        tables = self.race.alone.replace(**own)
        kinds: dict[str, pd.DataFrame] = {}
        for voice in self.voices:
            kind = voice.definition.kind.name
            if kind not in kinds:
                rows = voice.rows(tables)
                kinds[kind] = rows[rows["race_id"] == self.race.race.race_id].reset_index(drop=True)
        return kinds

    def _ask(self, spines: Mapping[str, pd.DataFrame], before: Round | None, each: Round) -> Asked:
        """Ask every model about its rows of a round."""
        first = self.race.stamp(before.at_s) + BEFORE if before else None
        last = self.race.stamp(each.at_s) + BEFORE
        asked = Asked(each, {}, [])
        for voice in self.voices:
            spine = spines[voice.definition.kind.name]
            here = spine["cutoff"] <= last
            own = spine[here & (spine["cutoff"] > first) if first is not None else here].reset_index(drop=True)
            if own.empty:
                continue
            table = voice.ask(self.features.join(own, voice.groups))
            asked.said[voice.name] = voice.bits(own, table)
            owners = own["driver_id"].tolist() if voice.of_cars else [0] * len(own)
            asked.lines += zip(map(int, owners), voice.said(table), strict=True)
        return asked

    def _latest(self, until: Round) -> dict[int, dict[str, Any]]:
        """Return the newest answers about each car, and about the race (as car 0), as of a round."""
        found: dict[int, dict[str, Any]] = {}
        for asked in sorted(self.asked.values(), key=lambda each: each.round):
            if asked.round <= until:
                for owner, said in asked.lines:
                    found.setdefault(owner, {}).update(said)
        return found

    def _answer(self, asked: Asked) -> LiveAnswer:
        race, each, latest = self.race.race, asked.round, self._latest(asked.round)
        answer = LiveAnswer(
            race=race.label,
            race_name=race.name,
            source=self.source,
            instant=self.race.stamp(each.at_s).to_pydatetime(),
            clock_s=each.at_s,
            lap=each.lap,
            distance=self.race.distance,
            revision=asked.revision,
            state=state_of(self.ledger, math.inf if each.last else each.at_s),
            silent_s=0.0,
            withheld=False,
            notes=self._notes(),
            answers=latest.get(0, {}),
            cars=running_order(self.race, self.ledger, each.at_s, latest, self.settings.laps_behind),
            provenance={name: voice.provenance for voice in self.voices for name in voice.questions},
        )
        self._last, self._spoke_of_silence = answer, 0.0
        return aged(answer, self.clock.silent_s, self.settings)

    def _notes(self) -> tuple[str, ...]:
        skewed = self.clock.skewed
        return (*self.notes, *([f"{skewed} events with a wrong clock moved no watermark"] if skewed else []))

    def _of_silence(self) -> Iterator[LiveAnswer]:
        """Yield the last answer again, widened or withheld, each time the feed has been silent for as long as is too long."""
        silent = self.clock.silent_s
        if self._last is None or silent - self._spoke_of_silence <= self.settings.silent_s:
            return
        if state_of(self.ledger, self.clock.now) != "finished":  # after the flag nobody has to say anything
            self._spoke_of_silence = silent
            yield aged(self._last, silent, self.settings)
