"""Every gate passes a candidate that says the truth, and refuses the fault that it ships with."""

import sys

import pytest

from pitwall.domain.errors import StageError
from pitwall.domain.refs import Verdict
from pitwall.ml.gates import Gate, gates
from pitwall.testing.checks.gates import check_gate, good_candidate


@pytest.fixture(scope="module")
def good():
    return good_candidate()


@pytest.mark.parametrize("name", sorted(gates()))
def test_gate_keeps_its_contract(name, good):
    gate = gates()[name]
    assert gate.name == name
    assert gate.title
    check_gate(gate, good)


def _verdict(passed):
    return lambda candidate: [Verdict("mine", passed, None, None, "", "because")]


def test_a_gate_that_lets_everything_through_breaks_the_contract(good):
    with pytest.raises(StageError, match="lets its planted fault through"):
        check_gate(Gate("mine", "My gate", _verdict(True), lambda candidate: candidate), good)


def test_a_gate_that_refuses_everything_breaks_the_contract(good):
    with pytest.raises(StageError, match="refuses a good candidate"):
        check_gate(Gate("mine", "My gate", _verdict(False), lambda candidate: candidate), good)


def test_a_gate_that_prints_or_says_nothing_breaks_the_contract(good):
    def chatty(candidate):
        sys.stdout.write("hello")
        return _verdict(True)(candidate)

    with pytest.raises(StageError, match="prints 'hello"):
        check_gate(Gate("mine", "My gate", chatty, lambda candidate: candidate), good)
    with pytest.raises(StageError, match="must give verdicts"):
        check_gate(Gate("mine", "My gate", lambda candidate: [], lambda candidate: candidate), good)
