"""Every check of the leak audit that discovery finds keeps the contract, and the contract catches the ways to break it."""

import itertools
import sys
from dataclasses import replace

import pytest

from pitwall.ml.audit import checks
from pitwall.ml.audit._check import Check
from pitwall.testing import check_audit_check
from pitwall.testing.leaks.audited import leaking


@pytest.mark.parametrize("name", sorted(checks()))
def test_audit_check_keeps_the_contract(name):
    assert checks()[name].name == name
    assert check_audit_check(checks()[name])


def test_every_planted_leak_is_found_by_some_check():
    planted = leaking()
    found = {
        what
        for what, group in planted.items()
        for check in checks().values()
        if any(each.level == "finding" for each in check.run(group))
    }
    assert found == set(planted)


HONEST = checks()["stage"]
COUNT = itertools.count()


def chatty(audited):
    sys.stdout.write("hello")
    return HONEST.run(audited)


def moody(audited):
    return [replace(each, rows=next(COUNT) + 1) for each in HONEST.run(audited)]


def suspicious(audited):
    leak = leaking()["a session said to be known later"]
    return [replace(each, group=audited.group.name) for each in HONEST.run(leak)]


FAULTS = {
    "one that sees nothing": (replace(HONEST, run=lambda audited: []), "finds none of the planted leaks"),
    "one that suspects everything": (replace(HONEST, run=suspicious), "calls what is honest a leak"),
    "one that prints": (replace(HONEST, run=chatty), "prints 'hello"),
    "one that changes its mind": (replace(HONEST, run=moody), "asked again"),
    "one under another name": (replace(HONEST, name="mine"), "its own name"),
    "one that does not say what it misses": (replace(HONEST, blind=" "), "must say its `blind`"),
    "one without a reason": (
        replace(HONEST, run=lambda audited: [replace(each, reason="") for each in HONEST.run(audited)]),
        "lacks rows, reason or example",
    ),
}


@pytest.mark.parametrize("what", FAULTS)
def test_the_contract_catches(what):
    broken, why = FAULTS[what]
    assert isinstance(broken, Check)
    with pytest.raises(AssertionError, match=why):
        check_audit_check(broken)
