"""One good candidate for all tests of gates; it is frozen, so they change copies."""

import pytest

from pitwall.testing.checks.gates import good_candidate


@pytest.fixture(scope="session")
def good():
    return good_candidate()
