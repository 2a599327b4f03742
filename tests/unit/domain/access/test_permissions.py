"""Who may do what with whose things, cell by cell."""

from __future__ import annotations

from itertools import product

import pytest

from pitwall.domain.access.permissions import (
    ACTIONS,
    AT_THIS_MACHINE,
    ROLES,
    Owner,
    checked_role,
    may,
    see_allowed,
)
from pitwall.domain.errors import NotAllowed, UnknownName

# role, whose, shared: what is allowed, and nothing else is
ALL = {"read", "deploy", "delete", "cancel", "publish"}
ALLOWED = {
    ("member", "own", False): ALL,
    ("member", "own", True): ALL,
    ("member", "another's", False): set(),
    ("member", "another's", True): {"read", "rate"},
    ("admin", "own", False): ALL | {"administer"},
    ("admin", "own", True): ALL | {"administer"},
    ("admin", "another's", False): ALL | {"administer"},
    ("admin", "another's", True): ALL | {"administer", "rate"},
}


@pytest.mark.parametrize(("role", "whose", "shared"), ALLOWED)
def test_every_cell_of_the_matrix(role, whose, shared):
    ada = Owner("ada", role)
    of = "ada" if whose == "own" else "ben"
    assert {each for each in ACTIONS if may(ada, each, of, shared=shared)} == ALLOWED[role, whose, shared]


def test_the_matrix_leaves_no_cell_out():
    assert set(ALLOWED) == set(product(ROLES, ("own", "another's"), (False, True)))
    assert set().union(*ALLOWED.values()) == set(ACTIONS)


def test_who_sits_at_the_machine_may_all_but_rate_their_own():
    of_all = {each for each in ACTIONS if may(AT_THIS_MACHINE, each, "local")}
    assert of_all == set(ACTIONS) - {"rate"}
    assert not may(Owner("Local"), "read", "local")  # names are compared as they are


def test_a_refusal_says_who_may_and_not_whose_it_is():
    with pytest.raises(NotAllowed, match="ada may not delete this; only its owner and an admin may") as refused:
        see_allowed(Owner("ada"), "delete", "ben")
    assert "ben" not in str(refused.value) and refused.value.exit_code == 1
    with pytest.raises(NotAllowed, match="nobody rates a model of their own"):
        see_allowed(Owner("ada", "admin"), "rate", "ada", shared=True)
    with pytest.raises(NotAllowed, match="only an admin may"):
        see_allowed(Owner("ada"), "administer", "ada")
    see_allowed(Owner("ada"), "delete", "ada")


def test_what_is_misspelt_is_neither_allowed_nor_refused():
    with pytest.raises(UnknownName, match="administer"):
        may(Owner("ada", "admin"), "administrate", "ada")  # type: ignore[arg-type]
    with pytest.raises(UnknownName, match="admin"):
        checked_role("admins")
    assert checked_role("member") == "member"
