"""Blocks of pages that the report does not have."""

import re

from pitwall.report.html import environment
from pitwall.web.blocks import Field, Option
from pitwall.web.shown import TEMPLATES

HOSTILE = '"><script>alert(1)</script>'


def test_an_order_is_ticked_and_sent_as_it_stands_and_can_be_changed_with_buttons():
    options = (Option("b", "Bea", help="Team"), Option("a", HOSTILE), Option("c", "Cy"))
    macros = environment(TEMPLATES).get_template("web_blocks.html").make_module({"ask": None, "csrf_name": "csrf"})
    html = str(macros.field(Field("grid", "Who starts", "order", ("b", "a"), options)))
    assert re.findall(r'name="grid" value="(\w)"( checked)?', html) == [("b", " checked"), ("a", " checked"), ("c", "")]
    assert re.findall(r"<span data-place>(\d)</span>", html) == ["1", "2", "3"]
    assert html.count('data-move="up"') == 3 and 'aria-label="Bea down"' in html
    assert "<script>" not in html and 'draggable="true"' in html
    assert 'data-tells="told-grid"' in html and 'role="status" id="told-grid"' in html
