"""Edit runs that are over: tags, notes, names, and whether they are listed; what holds a run in the registry is asked before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.ports import RunRecord
from pitwall.tracking.runs import SHOWN
from pitwall.workflows.logbook.store import Logbook

RESERVED = "mlflow."


def tag(book: Logbook, text: str, pairs: Iterable[str], remove: Sequence[str] = ()) -> dict[str, str]:
    """Set tags of a run and take others away; return all that it then has.

    Args:
        book: the run store.
        text: names the run.
        pairs: `key=value` each.
        remove: keys.

    Raises:
        UsageError: a pair has no `=`, or a key is one of MLflow's own.
        UnknownName: there is no such run, or no such tag to take away.
    """
    record, tags = book.run(text), dict(_pair(each) for each in pairs)
    for key in (*tags, *remove):
        if key.startswith(RESERVED):
            raise UsageError(
                f"the tag {key} is MLflow's own; a name is changed by `exp rename`, a description by `exp note`."
            )
    if remove:
        book.editor.untag(record.run_id, remove)
    if tags:
        book.tracker.tag(record.run_id, tags)
    return dict(book.runs.read(record.run_id).tags)


def note(book: Logbook, text: str, markdown: str | None = None, *, append: bool = False) -> str:
    """Return the text that a run's page opens with; replaced by `markdown`, or longer by it, where one is given."""
    run_id = book.run(text).run_id
    before = book.runs.page(run_id)
    if markdown is None:
        return before
    whole = f"{before}\n\n{markdown}" if append and before else markdown
    book.tracker.note(run_id, whole)
    return whole


def rename(book: Logbook, text: str, name: str) -> RunRecord:
    """Give a run another name and return it as it was before.

    Raises:
        UsageError: the name is empty, or another run of its experiment has it.
    """
    record = book.run(text)
    if not name.strip():
        raise UsageError("a run's name is not empty.")
    if name != record.name and name in book.runs.names(record.experiment):
        raise UsageError(
            f"another run of {record.experiment} is called {name!r}; names are looked up, so each is one run's."
        )
    book.editor.rename(record.run_id, name)
    return record


def archive(book: Logbook, texts: Sequence[str]) -> list[RunRecord]:
    """Take runs out of every list and return them; none is where one is refused.

    Raises:
        UsageError: a run is still open, or a registered version with an alias was made by it; says which.
    """
    records = [book.run(text) for text in texts]
    held = _held(book)
    for record in records:
        if record.status == "RUNNING":
            raise UsageError(
                f"run {record.run_id} ({record.name}) is still open; it can be archived when it has ended."
            )
        if record.run_id in held:
            raise UsageError(
                f"run {record.run_id} ({record.name}) is not archived: it made {held[record.run_id]}. Move the alias first."
            )
    for record in records:
        book.editor.archive(record.run_id)
    return records


def restore(book: Logbook, texts: Sequence[str]) -> list[RunRecord]:
    """Put archived runs back into the lists and return them.

    Raises:
        UnknownName: no archived run is called so.
        UsageError: several are.
    """
    known = book.editor.archived()
    records = [_archived(known, text) for text in texts]
    for record in records:
        book.editor.restore(record.run_id)
    return records


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise UsageError(f"a tag is given as key=value; found {text!r}.")
    return key, value


def _held(book: Logbook) -> Mapping[str, str]:
    """Return {run: the version that it made and its aliases}; none outside of a project, where nothing is registered."""
    if book.workspace is None:
        return {}
    registry, held = book.workspace.registry, {}
    for model in registry.models():
        for alias, number in registry.aliases(model).items():
            held[registry.get(model, number).run_id] = f"{model} version {number}, which is {alias}"
    return held


def _archived(known: Sequence[RunRecord], text: str) -> RunRecord:
    found = [each for each in known if text in (each.run_id, each.name)]
    found = found or [each for each in known if text and each.run_id.startswith(text)]
    if not found:
        raise UnknownName("archived run", text, [name for each in known for name in (each.run_id, each.name)])
    if len(found) > 1:
        shown = ", ".join(each.run_id for each in found[:SHOWN])
        raise UsageError(f"{len(found)} archived runs are called or begin with {text!r}: {shown}; give more of the id.")
    return found[0]
