"""What each entry of `.pitwall/` is, in one list: who adds one says here whether a backup holds it.

Entries are what lies directly in the folder. A new one that is not in the list is kept by a backup, as nobody has said that it can be
made again, and a test over the projects of the suite fails on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

Fate = Literal["kept", "of this machine", "remade"]
KEPT: Fate = "kept"
MACHINE: Fate = "of this machine"
REMADE: Fate = "remade"


@dataclass(frozen=True)
class LocalEntry:
    """One entry of the local state.

    Attributes:
        name: of a file or folder; `*` stands for any text.
        fate: `kept` by a backup; `of this machine` alone: no backup holds it and a restore leaves it as it is; `remade` when it is needed.
        what: it holds.
    """

    name: str
    fate: Fate
    what: str


ENTRIES = (
    LocalEntry("pitwall.db", KEPT, "owners, tokens, tiers and quotas of the API"),
    LocalEntry("input_log", KEPT, "the vectors that forecasts were made from"),
    LocalEntry("answers", KEPT, "what the API has answered, with the vectors that it was made from"),
    LocalEntry("spool", KEPT, "what runs have logged while the run store was away"),
    LocalEntry("alerts.jsonl", KEPT, "every alert and what became of it"),
    LocalEntry("specs", KEPT, "models of users, as data"),
    LocalEntry("studies", KEPT, "journals of searches, which go on from there"),
    LocalEntry("undone", KEPT, "snapshots that were taken back"),
    LocalEntry("queries.json", KEPT, "searches that were saved"),
    LocalEntry("doc", KEPT, "texts about experiments that were not accepted"),
    LocalEntry("keys", KEPT, "keys that sign bundles of models, and keys of others that are trusted"),
    LocalEntry("hub", KEPT, "bundles of models that were verified here"),
    LocalEntry("quarantine", MACHINE, "bundles of models that were refused, with their reasons"),
    LocalEntry("live", MACHINE, "what is said of races while they are driven, for servers"),
    LocalEntry("jobs", MACHINE, "orders that were started here, which process works on each, and what came of them"),
    LocalEntry("imports", MACHINE, "what came of the newest notebooks that were imported, for their pages"),
    LocalEntry(
        "sources", MACHINE, "pages of sources that are asked over the network, and how soon these may be asked again"
    ),
    LocalEntry("web", MACHINE, "the key by which pages know their forms again"),
    LocalEntry("*.lock", MACHINE, "locks of processes"),
    LocalEntry("*.holder.json", MACHINE, "who holds a lock"),
    LocalEntry("*.port", MACHINE, "where a server listens"),
    LocalEntry("*.pid", MACHINE, "which process a server is"),
    LocalEntry("up.json", MACHINE, "what `pitwall up` has started"),
    LocalEntry("code.json", MACHINE, "which version of the package is installed"),
    LocalEntry("pitwall.db-*", REMADE, "SQLite's own files beside the database; a backup takes their content with it"),
    LocalEntry(".*.new", REMADE, "what a kill left of a file that was being written"),
    LocalEntry("*.log", REMADE, "logs of servers"),
    LocalEntry("logs", REMADE, "logs of flows"),
    LocalEntry("audits", REMADE, "which feature groups the leak audit has passed, on which bytes"),
    LocalEntry("backtest", REMADE, "fits of backtests"),
    LocalEntry("features", REMADE, "inputs and outputs of the last build of features"),
    LocalEntry("frames", REMADE, "joined rows of models that params.yaml does not list"),
    LocalEntry("manifests", REMADE, "manifests of runs that are open"),
    LocalEntry("previews", REMADE, "counts of rows and values, which orders are previewed from"),
    LocalEntry("registry", REMADE, "files of model versions, as the registry has them"),
    LocalEntry("package", REMADE, "another version of the package, in a scratch project"),
    LocalEntry("reproduce", REMADE, "scratch projects of repetitions"),
    LocalEntry("serving", REMADE, "counters of the API's workers"),
    LocalEntry("work", REMADE, "trainings under way"),
)
PASSING = ("*.lock", "*.held", ".*.new", ".gone-*")  # locks and what a kill left, in any folder


def entry(name: str) -> LocalEntry | None:
    """Return what an entry is; None of one that the list does not know.

    Example:
        >>> entry("project.lock").fate
        'of this machine'
    """
    return next((each for each in ENTRIES if fnmatchcase(name, each.name)), None)


def is_kept(path: str) -> bool:
    """Return whether a backup holds a file.

    Args:
        path: of it, below `.pitwall/`, with `/`.
    """
    first, _, _ = path.partition("/")
    found = entry(first)
    return (found is None or found.fate == KEPT) and not any(
        fnmatchcase(path.rpartition("/")[2], each) for each in PASSING
    )
