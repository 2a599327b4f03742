"""The shared models as a folder of pages that any web server, or none, can show: an index, a page for each model, the bundles themselves.

No script, and no link leaves the folder. What strangers wrote is escaped; links are made of names and hashes, whose letters are known.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from pitwall.domain.errors import UsageError
from pitwall.report.content.blocks import Drawing, Facts, Table, Text
from pitwall.report.content.document import Document, Section
from pitwall.report.html import write_html
from pitwall.workflows.hub.market import standings
from pitwall.workflows.hub.publishing import BUNDLE
from pitwall.workflows.hub.receiving import ZIP
from pitwall.workflows.hub.shelf import SHORT, preview
from pitwall.workflows.hub.standing import Standing
from pitwall.workflows.workspace import Workspace

INDEX, MARK, BUNDLES = "index.html", ".pitwall-hub", "bundles"
SCORES = (
    "question",
    "metric",
    "value",
    "95 % interval",
    "rule to beat",
    "its value",
    "gain",
    "95 % interval of the gain",
)
Model = Sequence[Standing]  # the versions of one name by one key, the newest first


def export(workspace: Workspace, folder: Path) -> list[Path]:
    """Write all shared models as pages and return the files; a folder that an earlier export made is made anew.

    Args:
        workspace: of the project.
        folder: a new one, an empty one, or that of an earlier export.

    Raises:
        UsageError: the folder holds something else.
    """
    if folder.exists() and not (folder / MARK).is_file() and any(folder.iterdir()):
        raise UsageError(f"{folder} holds something else than an export of shared models; name a new folder.")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / BUNDLES).mkdir(parents=True)
    (folder / MARK).touch()
    found = standings(workspace)
    for each in found:
        shutil.copyfile(each.bundle.folder / ZIP, folder / BUNDLES / _file(each))
    models = _models(found)
    pages = [write_html(_page(versions), folder / _page_name(versions)) for versions in models]
    return [write_html(_index(models), folder / INDEX), *pages]


def _models(found: Iterable[Standing]) -> list[Model]:
    """Return the versions by model, by name."""
    rows = sorted(found, key=lambda each: (*_key(each), -each.bundle.about.version, each.bundle.hash))
    return [list(group) for _, group in groupby(rows, key=_key)]


def _key(each: Standing) -> tuple[str, str]:
    return each.bundle.about.name, each.bundle.about.key


def _index(models: Sequence[Model]) -> Document:
    columns = ("model", "questions", "owner", "versions", "rating", "ratings", "downloads", "this week")
    rows = tuple(
        (
            each[0].bundle.about.name,
            ", ".join(each[0].bundle.about.templates),
            each[0].bundle.about.owner,
            str(len(each)),
            f"{each[0].rating:.2f}",
            str(each[0].ratings),
            str(sum(version.downloads for version in each)),
            str(sum(version.this_week for version in each)),
        )
        for each in models
    )
    links = Drawing(_links((_page_name(each), each[0].bundle.about.name) for each in models))
    section = Section("", (Table(columns, rows, columns[3:]), links))
    return Document("Shared models", "Rating and their number are those of the newest version.", (section,))


def _page(versions: Model) -> Document:
    newest = versions[0]
    about, badge = newest.bundle.about, newest.badge
    facts = Facts(
        (
            ("answers", ", ".join(about.templates)),
            ("estimator", about.estimator),
            ("owner", about.owner),
            ("signed by", about.key),
            ("trained again", badge.text if badge else "not yet"),
            ("forked from", about.forked_from or "nothing: an original"),
        )
    )
    return Document(
        about.name,
        f"{about.model}, version {about.version}",
        (
            Section("What it is", (facts,)),
            Section("Scores", (Table(SCORES, tuple(map(_score, about.scores))),)),
            Section("Versions", (_versions(versions), Drawing(_files(versions)))),
            Section("Card", tuple(Text(line) for line in preview(newest.bundle).card.splitlines() if line.strip())),
            Section("", (Drawing(_links([(INDEX, "all shared models")])),)),
        ),
    )


def _versions(versions: Model) -> Table:
    columns = ("version", "bundle", "rating", "ratings", "downloads", "trained again")
    rows = tuple(
        (
            str(each.bundle.about.version),
            each.bundle.hash,
            f"{each.rating:.2f}",
            str(each.ratings),
            str(each.downloads),
            each.badge.outcome if each.badge else "",
        )
        for each in versions
    )
    return Table(columns, rows, columns[2:5])


def _score(score: object) -> tuple[str, ...]:
    told = dict(score) if isinstance(score, dict) else {}
    names = (
        "template",
        "metric",
        "value",
        "low",
        "high",
        "baseline",
        "baseline_value",
        "gain_value",
        "gain_low",
        "gain_high",
    )
    template, metric, value, low, high, baseline, other, gain, gain_low, gain_high = (
        _shown(told.get(n)) for n in names
    )
    return (template, metric, value, f"{low} to {high}", baseline, other, gain, f"{gain_low} to {gain_high}")


def _shown(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else "" if value is None else str(value)


def _files(versions: Model) -> str:
    return _links((f"{BUNDLES}/{_file(each)}", _file(each)) for each in versions)


def _links(pairs: Iterable[tuple[str, str]]) -> str:
    """Return links as markup; both parts are made of names and hashes of bundles alone, which hold no markup."""
    return "<ul>" + "".join(f'<li><a href="{to}">{name}</a></li>' for to, name in pairs) + "</ul>"


def _file(each: Standing) -> str:
    about = each.bundle.about
    return f"{about.name}-{about.version}-{each.bundle.hash[:SHORT]}{BUNDLE}"


def _page_name(versions: Model) -> str:
    about = versions[0].bundle.about
    return f"{about.name}-{about.key[:SHORT]}.html"
