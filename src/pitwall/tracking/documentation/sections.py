"""The five sections of an experiment's documentation: what people write, what is filled in from the run, and Markdown both ways.

What is filled in stands between two marks and is made anew each time; all else in a section is somebody's words and stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pitwall.domain.errors import TrackingError, UnknownName, UsageError
from pitwall.domain.secrets import redact

HYPOTHESIS, METHOD, RESULTS, CONCLUSIONS, NEXT = TITLES = ("Hypothesis", "Method", "Results", "Conclusions", "Next")
REQUIRED = (HYPOTHESIS, CONCLUSIONS)  # of a promotion that a person approves, where params.yaml says so
PROMPTS = {
    HYPOTHESIS: "*(not written yet: what was expected, and why)*",
    CONCLUSIONS: "*(not written yet: what the results mean, and what they do not show)*",
    NEXT: "*(not written yet: what to try after this)*",
}
OTHER_WORDS = {"hypotheses": HYPOTHESIS, "methods": METHOD, "conclusion": CONCLUSIONS, "next steps": NEXT}
BEGIN, END = "<!-- filled in from the run, made anew each time -->", "<!-- end of what is filled in -->"
FILLED = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
HEADING = re.compile(r"## +(.*?)[ #]*")
FENCE = re.compile(r" {0,3}(?:```|~~~)")
SCHEMA = 1


@dataclass(frozen=True)
class Documentation:
    """What is said of one experiment.

    Attributes:
        written: {section: somebody's words}; a section without any is left out.
        made: {section: what was filled in from the run}.
    """

    written: Mapping[str, str] = field(default_factory=dict)
    made: Mapping[str, str] = field(default_factory=dict)

    @property
    def missing(self) -> list[str]:
        """The sections that somebody has to write and nobody has."""
        return [title for title in PROMPTS if title not in self.written]

    def with_words(self, words: Mapping[str, str]) -> Documentation:
        """Return it with the words of some sections in place of earlier ones; no words leave a section empty.

        Raises:
            UnknownName: there is no such section.
            UsageError: words look like a secret, or would not be read back as they are.
        """
        given = {_title(name): text.strip() for name, text in words.items()}
        for title, text in given.items():
            if found := redact(text, title)[1]:
                raise UsageError(
                    f"{title} holds what looks like a secret ({found[0].kind}); runs are shown to everybody."
                )
        written = {title: text for title, text in {**self.written, **given}.items() if text}
        changed = Documentation(written, self.made)
        if parse(changed.to_markdown("")) != {title: written.get(title, "") for title in TITLES}:
            raise UsageError("the words hold a heading `## ...` or a mark of the file's own; take a deeper heading.")
        return changed

    def to_markdown(self, title: str) -> str:
        """Return the file `experiment.md`, of an experiment with a name."""
        lines = [f"# {title}".rstrip()]
        for each in TITLES:
            lines += ["", f"## {each}"]
            lines += ["", BEGIN, "", self.made[each], "", END] if each in self.made else []
            text = self.written.get(each) or PROMPTS.get(each, "")
            lines += ["", text] if text else []
        return "\n".join(lines) + "\n"

    def row(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"schema": SCHEMA, "written": dict(self.written), "made": dict(self.made), "missing": self.missing}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Documentation:
        """Return the documentation of a row.

        Raises:
            TrackingError: it has another schema.
        """
        if row.get("schema") != SCHEMA:
            raise TrackingError(f"the documentation has schema {row.get('schema')!r}; this version reads {SCHEMA}.")
        return cls(dict(row["written"]), dict(row["made"]))


def parse(markdown: str) -> dict[str, str]:
    """Return {section: words} of a Markdown file whose sections begin with `## Title`; what was filled in is left out.

    Raises:
        UnknownName: a heading of the second level is none of the sections'.
        UsageError: no section is there, or words stand before the first.

    Example:
        >>> parse("## Hypothesis\\n\\nTyres first.\\n\\n## Next steps\\n")
        {'Hypothesis': 'Tyres first.', 'Next': ''}
    """
    found: dict[str, list[str]] = {}
    title, fenced = "", False
    for line in FILLED.sub("", markdown).splitlines():
        fenced ^= FENCE.match(line) is not None
        if not fenced and (heading := HEADING.fullmatch(line)):
            title = _title(heading[1])
            found.setdefault(title, [])
        elif title:
            found[title].append(line)
        elif line.strip() and not line.startswith("#"):
            raise UsageError(f"{line.strip()!r} stands before the first section; sections: {_headings()}.")
    if not found:
        raise UsageError(f"there is no section in it; they begin with {_headings()}.")
    texts = {name: "\n".join(lines).strip() for name, lines in found.items()}
    return {name: "" if text == PROMPTS.get(name) else text for name, text in texts.items()}


def _title(text: str) -> str:
    folded = " ".join(text.split()).casefold()
    known = {**{each.casefold(): each for each in TITLES}, **OTHER_WORDS}
    if folded not in known:
        raise UnknownName("section", text, TITLES)
    return known[folded]


def _headings() -> str:
    return ", ".join(f"`## {each}`" for each in TITLES)
