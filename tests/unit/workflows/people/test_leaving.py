"""Who leaves takes their things along, says what stays, and a kill on the way leaves something to repeat."""

import pytest

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.workflows.people import accounts, leaving
from pitwall.workflows.people.entering import enter, who


def test_each_area_is_asked_and_the_account_goes_last(workspace, secret):
    seen = []

    def of(area):
        def leave(given, owner):
            seen.append((area, owner, given.people.account(owner).name))
            return [f"{area}: one stays."]

        return leave

    text = enter(workspace, "ben", secret["ben"])
    said = leaving.leave(workspace, "ben", {"hub": of("hub"), "drafts": of("drafts")})
    assert seen == [("drafts", "ben", "ben"), ("hub", "ben", "ben")]
    assert said[:2] == ["drafts: one stays.", "hub: one stays."] and "1 sessions" in said[2]
    assert who(workspace, text) is None
    with pytest.raises(UnknownName):
        workspace.people.account("ben")


def test_a_fault_on_the_way_leaves_the_account_to_try_again_but_nobody_logged_in(workspace, secret):
    def broken(_workspace, _owner):
        raise OSError("no room")

    text = enter(workspace, "ben", secret["ben"])
    with pytest.raises(OSError, match="no room"):
        leaving.leave(workspace, "ben", {"hub": broken})
    assert workspace.people.account("ben") and who(workspace, text) is None
    assert accounts.delete(workspace, "ben")


def test_the_only_admin_stays_while_others_do_and_nothing_of_theirs_goes(workspace):
    gone = []
    with pytest.raises(UsageError, match="only admin"):
        leaving.leave(workspace, "ada", {"hub": lambda _workspace, owner: gone.append(owner) or []})
    assert gone == []


def test_areas_are_found_by_their_file(tmp_path, monkeypatch):
    area = tmp_path / "shelf"
    area.mkdir()
    (area / "__init__.py").write_text("")
    (area / "leaving.py").write_text("LEAVE = lambda workspace, owner: [owner]\n")
    package = leaving.workflows
    real = leaving.discover()
    monkeypatch.setattr(package, "__path__", [str(tmp_path)])
    found = leaving.discover()
    assert list(found) == ["shelf"] and found["shelf"](None, "ben") == ["ben"]
    assert "people" not in real and all(callable(each) for each in real.values())
