"""One document, three forms: kept as JSON, written as Markdown and as a page; no form says what the other does not."""

import json
import re
from dataclasses import dataclass

import pytest
from jinja2 import UndefinedError

from pitwall.domain.errors import UsageError
from pitwall.report.content.blocks import (
    Answers,
    Contribution,
    Contributions,
    Drawing,
    Facts,
    Fold,
    Heat,
    Note,
    Picture,
    Share,
    Table,
    Text,
)
from pitwall.report.content.document import Document, Section, facts, rows_of, sections_of
from pitwall.report.content.markdown import section_texts, table_lines, to_markdown, write_markdown
from pitwall.report.html import to_html, write_html

EVIL = "<script>alert(1)</script>\"'&"
KEPT = (
    Text("a `code` text", "Label"),
    Note("a note"),
    Facts((("name", "value"),)),
    Table(("what", "value"), (("passed", "0.5 (0.4 to 0.6)"), ("REFUSED", "a|b"), ("ours", "x")), ("value",)),
    Picture("one.png", "caption one", b"\x89PNG one"),
    Picture("two.png", "caption two", b"\x89PNG two", wide=True),
)
PAGE_ONLY = (
    Answers(("Driver", "Grid", "P(win)"), (("Ada", "Team A"),), (("1", Share(0.54, "54.0 %", "48.0 %")),)),
    Heat((("ADA", "Ada Lovelace"),), ("1", "2"), ((0.994, 0.004),)),
    Fold("Ada", (Contributions((Contribution("grid", "the slot", "1 slot", -0.25),), 0.5),), small="P(win) 54 %"),
)


def document(*blocks, **more):
    return Document("A title", "A line below", (Section("First", blocks), *more.pop("sections", ())), **more)


def test_what_is_kept_comes_back_as_it_was():
    sections = document(*KEPT).sections
    assert sections_of(json.loads(json.dumps(rows_of(sections)))) == sections


@pytest.mark.parametrize("block", [*PAGE_ONLY, Drawing("<svg></svg>")], ids=lambda block: type(block).__name__)
def test_what_only_a_page_can_show_is_not_kept(block):
    with pytest.raises(
        UsageError, match="for pages only; a document that is kept has text, note, facts, table, picture"
    ):
        rows_of([Section("s", (block,))])


def test_a_section_is_exchanged_in_place_and_pictures_are_found_below_folds():
    made = document(Fold("below", (KEPT[4],)), sections=[Section("Last", ())])
    assert [picture.name for picture in made.pictures()] == ["one.png"]
    other = made.exchange(Section("First", (KEPT[0],)), Section("nowhere", ()))
    assert [section.name for section in other.sections] == ["First", "Last"]
    assert other.sections[0].blocks == (KEPT[0],)
    assert facts(a_name=None, years=[1, 2]) == Facts((("a name", "unknown"), ("years", "1, 2")))


def test_markdown_says_all_but_drawings(tmp_path):
    made = document(*KEPT, *PAGE_ONLY, Drawing("<svg></svg>"), sections=[Section("Deeper", (Text("x"),), level=3)])
    written = write_markdown(made, tmp_path / "a.md").read_text()
    assert (tmp_path / "pictures" / "two.png").read_bytes() == b"\x89PNG two"
    for line in (
        "# A title",
        "**Label.** a `code` text",
        "> a note",
        "- name: value",
        "| what | value |\n| --- | ---: |",
        "| REFUSED | a\\|b |",
        "![caption one](pictures/one.png)",
        "| Ada | 1 | 54.0 % (48.0 %) |",
        "| Ada Lovelace | 99 |  |",
        "**Ada** P(win) 54 %",
        "| grid | 1 slot | -0.25 |",
        "### Deeper",
    ):
        assert line in written, line
    assert "svg" not in written
    assert "pictures/" not in to_markdown(made, pictures=False)
    assert tuple(section_texts(written)) == ("First",)


def test_a_heading_without_a_name_is_one_space_wide():
    assert table_lines(["", "a|b"], [["", "1\n2"]]) == ["| | a\\|b |", "| --- | --- |", "|  | 1 2 |"]


def test_the_page_says_what_the_markdown_says():
    page = to_html(document(*KEPT, *PAGE_ONLY))
    for part in (
        "<h1>A title</h1>",
        '<p class="summary">A line below</p>',
        "<b>Label.</b> a <code>code</code> text",
        '<p class="note">a note</p>',
        '<th scope="row">name</th><td>value</td>',
        '<td class="good">passed</td><td class="n">0.5 <span class="ends">(0.4 to 0.6)</span></td>',
        '<td class="bad">REFUSED</td>',
        '<td class="ours">ours</td>',
        "<b>54.0 %</b><small>48.0 %</small>",
        ">99</td>",
        "<summary>Ada <small>P(win) 54 %</small></summary>",
        'class="minus" style="width:25.0%"',
        "-0.25</td>",
    ):
        assert part in page, part
    assert re.search('<div class="pictures"><figure>.*<figure class="wide">', page.replace("\n", ""))


def test_nothing_from_the_data_gets_in_unescaped():
    page = to_html(
        Document(
            EVIL,
            EVIL,
            (
                Section(
                    EVIL,
                    (
                        Text(f"`{EVIL}` {EVIL}", EVIL),
                        Note(EVIL),
                        Facts(((EVIL, EVIL),)),
                        Table((EVIL,), ((EVIL,),)),
                        Picture("a.png", EVIL, b""),
                        Fold(EVIL, (Text(EVIL),), small=EVIL),
                        Answers((EVIL, EVIL), ((EVIL, EVIL),), ((Share(0.5, EVIL, EVIL),),)),
                        Heat(((EVIL, EVIL),), (EVIL,), ((0.5,),)),
                        Contributions((Contribution(EVIL, EVIL, EVIL, 1.0),), 1.0),
                    ),
                    link=EVIL,
                ),
                Section("another", ()),
            ),
            EVIL,
        )
    )
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 31
    assert not re.search(r'(?:title|alt|id)="[^"]*[<\']', page)


def test_drawings_are_as_they_were_made_and_plotly_comes_once_only_where_it_is_needed():
    svg, figure = Drawing("<svg><i/></svg>"), Drawing("<div id='p'></div>", plotly=True)
    page = to_html(document(svg))
    assert "<svg><i/></svg>" in page
    assert "<script" not in page
    page = to_html(document(svg, Fold("below", (figure, figure))))
    assert page.count("plotly.js v") == 1


def test_the_list_of_contents_leads_to_every_heading(tmp_path):
    more = [Section("", (Note("no heading"),)), Section("What? (a_b, c)", (), link="c: a_b", level=3)]
    path = write_html(document(Text("x"), sections=more, kind="a kind"), tmp_path / "deep" / "a.html")
    page = path.read_text()
    assert re.findall('href="#([^"]+)"', page) == re.findall('<h[23] id="([^"]+)"', page) == ["first", "c-a_b"]
    assert "<title>A title: a kind</title>" in page
    assert '<h3 id="c-a_b">What? (a_b, c)</h3>' in page
    assert "<nav>" not in to_html(document(Text("x")))
    assert page == write_html(document(Text("x"), sections=more, kind="a kind"), tmp_path / "b.html").read_text()


def test_a_block_that_no_template_knows_is_not_passed_over():
    @dataclass(frozen=True)
    class Song:
        text: str

    with pytest.raises(UndefinedError):
        to_html(document(Song("la")))


def test_a_row_that_does_not_fit_its_columns_is_refused():
    with pytest.raises(ValueError, match="zip"):
        to_html(document(Table(("a", "b"), (("1",),))))
