"""The stages of a model version, the words for them, and which move from where to where is legal.

A stage is an alias of the registry, held by one version of a model at a time; `archived` is a tag, any number of versions
may be. The champion answers; the challenger is run beside it, and answers its share of the races of a declared test; staging is a mark. The words of older
registries (None, development, Staging, Production, Archived) mean the stages they stand for.
"""

from __future__ import annotations

from collections.abc import Mapping

from pitwall.domain.errors import IllegalMove, UnknownName, UsageError
from pitwall.domain.ports import ModelVersion

CANDIDATE, STAGING, CHALLENGER, CHAMPION, PREVIOUS = "candidate", "staging", "challenger", "champion", "previous"
ALIASES = (CANDIDATE, STAGING, CHALLENGER, CHAMPION, PREVIOUS)
ARCHIVED = "archived"
REGISTERED = "registered"  # neither an alias nor archived
STAGE_TAG = "pitwall.stage"
TRAINER_TAG = "pitwall.trained_by"
ACTIVE = "active"
WORDS = {"none": CANDIDATE, "development": CANDIDATE, "production": CHAMPION}

# Into `champion` by promotion (all gates) or rollback (was champion before); into `previous` only by either of them.
LEGAL: Mapping[str, tuple[str, ...]] = {
    REGISTERED: (CANDIDATE, STAGING, CHALLENGER, CHAMPION, ARCHIVED),
    CANDIDATE: (STAGING, CHALLENGER, CHAMPION, ARCHIVED),
    STAGING: (CANDIDATE, CHALLENGER, CHAMPION, ARCHIVED),
    CHALLENGER: (CANDIDATE, STAGING, CHAMPION, ARCHIVED),
    PREVIOUS: (CANDIDATE, STAGING, CHALLENGER, CHAMPION, ARCHIVED),
    CHAMPION: (),
    ARCHIVED: (CANDIDATE,),
}


def stage_word(word: str) -> str:
    """Return the stage that a word stands for, in any case.

    Raises:
        UnknownName: it stands for none; lists the known words.

    Example:
        >>> stage_word("Production"), stage_word("None"), stage_word("archived")
        ('champion', 'candidate', 'archived')
    """
    plain = word.strip().casefold()
    if plain in (*ALIASES, ARCHIVED):
        return plain
    if plain in WORDS:
        return WORDS[plain]
    raise UnknownName("stage", word, [*ALIASES, ARCHIVED, *WORDS])


def split_reference(text: str) -> tuple[str, str | int]:
    """Return the name and the alias or version number of `name@alias` or `name@version`; a bare name is its champion.

    Raises:
        UnknownName: the alias is none.
        UsageError: archived versions are many; only a number says which.

    Example:
        >>> split_reference("race_winner@production"), split_reference("order-pre_race@3")
        (('race_winner', 'champion'), ('order-pre_race', 3))
    """
    name, _, which = text.partition("@")
    if which.removeprefix("v").isdecimal():
        return name, int(which.removeprefix("v"))
    alias = stage_word(which or CHAMPION)
    if alias == ARCHIVED:
        raise UsageError(f"{text}: any number of versions may be archived; name one by its number, e.g. {name}@1.")
    return name, alias


def stage_of(version: ModelVersion, aliases: Mapping[str, int]) -> str:
    """Return the stage of a version; with several aliases, moved outside of Pitwall, the one that matters most.

    Args:
        version: the version.
        aliases: {alias: version} of its model.
    """
    held = [alias for alias, holder in aliases.items() if holder == version.version]
    for alias in (CHAMPION, CHALLENGER, STAGING, CANDIDATE, PREVIOUS):
        if alias in held:
            return alias
    return ARCHIVED if version.tags.get(STAGE_TAG) == ARCHIVED else REGISTERED


def is_offered(version: ModelVersion, aliases: Mapping[str, int]) -> bool:
    """Return whether a version that was just registered becomes the candidate: a baseline never does."""
    return version.tags.get("role") != "baseline" and stage_of(version, aliases) == REGISTERED


def check_move(version: ModelVersion, stage: str, target: str) -> None:
    """Refuse an illegal move.

    Raises:
        IllegalMove: names the legal ones.
    """
    if target not in LEGAL[stage]:
        raise IllegalMove(f"{version.model} version {version.version}", stage, target, LEGAL[stage])
