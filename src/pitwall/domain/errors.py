"""Every error that Pitwall raises on purpose, in one tree.

    PitwallError                 exit code 1
    ├── UsageError               2: the command line, a name or a parameter is wrong
    │   ├── UnknownName          2: no such template, model, source, race; says the nearest known one
    │   ├── ShuffledFolds        2: folds that do not go forward in time, race by race; says why and what to ask for
    │   ├── IllegalMove          2: a model version may not go from its stage to that one; names the legal ones
    │   ├── ProjectNotFound      2: not inside a Pitwall project
    │   ├── ProjectOutdated      2: an earlier version kept its state here; names the command that brings it along
    │   └── PluginError          2: a plug-in from outside the package is broken, missing, or has the name of another one
    ├── SourceError              1: a data source is missing, malformed or unreachable
    │   └── SourceBusy           4: ... asks for a longer pause than we wait; the same command goes on later
    ├── TableError               1: a canonical table breaks its schema
    ├── FrameError               1: rows lost, gained or reordered by the point-in-time join
    ├── FeatureError             1: a feature group breaks its contract
    │   └── LeakError            1: ... by using the future
    ├── AnswerError             1: a model's answer is none of its family
    ├── StageError               1: a pipeline stage failed or may not run here
    ├── TrackingError            1: the run store or the registry refused
    │   └── StoreAway            1: nobody answers where the run store should be
    ├── WorkspaceClosed          1: a tool was asked for after its workspace was closed
    ├── NotRepeatable            1: a run lacks what a repetition needs; lists it
    ├── AlertError               1: an alert did not reach a sink; never carries a secret
    ├── ServingError             1: what a server answers from is missing or damaged; it keeps the last that was whole
    ├── ApiProblem               1: a server did not answer a question; carries its status and its words; 4 where it was asked too often
    ├── AccountsError            1: the accounts database is damaged, or of another version
    │   └── AccountsAway         1: ... is locked, or does not answer; trying again may help
    ├── QuotaExceeded            4: what somebody's tier allows is used up; says how much it is, and when it begins anew
    ├── NotAllowed               1: this may only be done by its owner or an admin; never says whose it is
    ├── NotImported              1: a notebook was refused; says which cell and why
    ├── BackupError              1: an archive of local state is damaged or hostile, or what it holds cannot be put back
    ├── ForecastError            1: there is nothing to forecast, or an input of the forecast is missing
    └── PromotionRefused         3: a gate failed; carries the verdicts
        └── Undocumented         3: a person approves what nobody has written up; names the sections and the command

A message says what was found, what was expected, and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pitwall.domain.refs import Verdict

MANY = 25  # names that an error still lists
TOO_MANY = 429  # of HTTP


class PitwallError(Exception):
    """Base of all deliberate errors; `exit_code` is what the command line returns."""

    exit_code = 1


class UsageError(PitwallError):
    """The caller asked for something that cannot be."""

    exit_code = 2


class UnknownName(UsageError):
    """A name is not known; the message offers the nearest known one.

    Example:
        >>> str(UnknownName("template", "race_winer", ["podium", "race_winner"]))
        "unknown template 'race_winer'; did you mean 'race_winner'? Known: podium, race_winner"
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        known = sorted(known)
        near = get_close_matches(name, known, n=MANY)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        shown = ", ".join(known) or "none"
        if len(known) > MANY:  # a screen full of names helps nobody
            shown = f"{len(known)} names, {'the nearest' if near else 'among them'}: {', '.join(near or known[:MANY])}"
        super().__init__(f"unknown {kind} {name!r}{hint} Known: {shown}")


class ShuffledFolds(UsageError):
    """Folds that mix races or go back in time: a score from them is one of a model that has seen what it is asked.

    Example:
        >>> str(ShuffledFolds("kfold")).split(";")[0]
        'a shuffled K-fold is refused (found kfold): it learns from races after the ones it scores, and from team-mates in the same race'
    """

    def __init__(self, found: str, *, splitter: bool = False) -> None:
        why = "it learns from races after the ones it scores, and from team-mates in the same race"
        what = f"a shuffled K-fold is refused (found {found}): {why}"
        if splitter:
            what = (
                f"a splitter of scikit-learn is refused (found {found}): it cuts rows and knows no races. Shuffled, {why}; in order, "
                "it still cuts a race in two"
            )
        super().__init__(
            f"{what}; so it promises what no forecast keeps. Folds go forward in time by whole races: `expanding` (all seasons before "
            "the scored one), or `rolling` with window_seasons; embargo_races leaves races out in between."
        )


class IllegalMove(UsageError):
    """A model version may not go from its stage to that one.

    Example:
        >>> str(IllegalMove("order-pre_race version 3", "archived", "staging", ["candidate"]))
        'order-pre_race version 3 is archived and cannot become staging; from there it may become: candidate.'
    """

    def __init__(self, version: str, stage: str, target: str, legal: Iterable[str]) -> None:
        others = ", ".join(legal)
        ways = f"it may become: {others}" if others else "only the promotion of another version or a rollback moves it"
        super().__init__(f"{version} is {stage} and cannot become {target}; from there {ways}.")


class ProjectNotFound(UsageError):
    """No project root above the working directory."""


class ProjectOutdated(UsageError):
    """An earlier version kept its state in files that this one does not read.

    Example:
        >>> str(ProjectOutdated(["mlruns/openings.jsonl"]))
        'an earlier version of Pitwall kept mlruns/openings.jsonl here; bring the project along with `pitwall upgrade`.'
    """

    def __init__(self, files: Iterable[str]) -> None:
        kept = ", ".join(files)
        super().__init__(
            f"an earlier version of Pitwall kept {kept} here; bring the project along with `pitwall upgrade`."
        )


class PluginError(UsageError):
    """A plug-in from outside the package is broken, missing, or has the name of another one."""


class SourceError(PitwallError):
    """A data source is missing, malformed or unreachable."""


class SourceBusy(SourceError):
    """A data source asks for a longer pause than we wait; what was fetched is kept, and the same command goes on later."""

    exit_code = 4


class TableError(PitwallError):
    """A canonical table breaks its schema."""


class FrameError(PitwallError):
    """The point-in-time join lost, gained or reordered rows."""


class FeatureError(PitwallError):
    """A feature group breaks its contract."""


class LeakError(FeatureError):
    """A feature uses what was not known yet."""


class AnswerError(PitwallError):
    """A model's answer is none of its family: probabilities that do not add up, quantiles that cross."""


class StageError(PitwallError):
    """A pipeline stage failed, or may not run here."""


class TrackingError(PitwallError):
    """The run store or the registry refused."""


class StoreAway(TrackingError):
    """Nobody answers where the run store should be."""


class WorkspaceClosed(PitwallError):
    """A tool was asked for after its workspace was closed."""


class NotRepeatable(PitwallError):
    """A run lacks what a repetition needs: code, data, or its own manifest.

    Example:
        >>> str(NotRepeatable(["no patch"]))
        'the run cannot be repeated: no patch'
    """

    def __init__(self, missing: Iterable[str]) -> None:
        self.missing = tuple(missing)
        super().__init__(f"the run cannot be repeated: {'; '.join(self.missing)}")


class AlertError(PitwallError):
    """An alert did not reach a sink, or may not go there."""


class AccountsError(PitwallError):
    """The accounts database is damaged, or of another version; never carries a token."""


class AccountsAway(AccountsError):
    """The accounts database is locked, or does not answer; trying again may help."""


class NotAllowed(PitwallError):
    """Somebody may not do this with another one's thing; never says whose it is."""


class QuotaExceeded(PitwallError):
    """What somebody's tier allows is used up; `seconds`: until it begins anew by itself, if it does."""

    exit_code = 4

    def __init__(self, found: str, expected: str, do: str, seconds: int | None = None) -> None:
        self.found, self.expected, self.do, self.seconds = found, expected, do, seconds
        super().__init__(f"the tier does not allow this: found {found}; expected {expected}; {do}.")


class BackupError(PitwallError):
    """An archive of local state is damaged or hostile, or what it holds cannot be put back."""


class NotImported(PitwallError):
    """A notebook was refused; says which cell and why."""


class NotAvailable(PitwallError):
    """Something that Pitwall is to offer and does not yet; says what is missing and what to use meanwhile."""


class ServingError(PitwallError):
    """What a server answers from is missing, damaged, or was changed."""


class ApiProblem(PitwallError):
    """A server did not answer a question (RFC 9457); a program that ends with it has exit code 1, and 4 where a quota or a limit was reached.

    Attributes:
        status: of HTTP; 0 where nothing came back.
        title: in a few words.
        found: what was given.
        expected: what would have been right.
        do: what to do.
        near: known names that are near to the one that was given.
        request: the request's id, by which the server's log knows it.

    Example:
        >>> str(ApiProblem(404, "unknown race", found="'monako'", expected="a race", do="name one", near=["monaco_2024"]))
        "404 unknown race: found 'monako'; expected a race; name one. Near: monaco_2024."
    """

    def __init__(
        self,
        status: int,
        title: str,
        *,
        found: str,
        expected: str,
        do: str,
        near: Iterable[str] = (),
        request: str = "",
    ) -> None:
        if status == TOO_MANY:
            self.exit_code = 4
        self.status, self.title, self.found, self.expected, self.do = status, title, found, expected, do
        self.near, self.request = tuple(near), request
        hint = f" Near: {', '.join(self.near)}." if self.near else ""
        super().__init__(f"{status} {title}: found {found}; expected {expected}; {do}.{hint}")


class ForecastError(PitwallError):
    """There is nothing to forecast, or an input of the forecast is missing."""


class PromotionRefused(PitwallError):
    """At least one gate failed; the champion stays."""

    exit_code = 3

    def __init__(self, name: str, verdicts: Iterable[Verdict]) -> None:
        self.verdicts = tuple(verdicts)
        failed = [v for v in self.verdicts if not v.passed]
        reasons = "; ".join(f"{v.gate}: {v.reason}" for v in failed)
        super().__init__(f"{name} was not promoted: {len(failed)} of {len(self.verdicts)} gates failed ({reasons})")


class Undocumented(PromotionRefused):
    """A person approves a version whose run is not written up; the verdict says what is missing."""

    def __init__(self, name: str, verdict: Verdict) -> None:
        super().__init__(name, [verdict])
        self.args = (f"{name} was not approved: {verdict.reason}",)
