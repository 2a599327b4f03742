"""Who logs in: the right password alone, the same answer to all others, and other hashes when the parameters have moved."""

import pytest

from pitwall.adapters.accounts.people import passwords
from pitwall.domain.access.people import FREE_TRIES, HasToWait, NotEntered
from pitwall.domain.errors import UnknownName, UsageError
from pitwall.testing.passwords import cheap_passwords
from pitwall.workflows.people import accounts, entering


def test_a_login_begins_another_session_and_ends_the_one_of_before(workspace, secret):
    first = entering.enter(workspace, "ben", secret["ben"])
    second = entering.enter(workspace, "ben", secret["ben"], before=first)
    assert first != second and entering.who(workspace, first) is None
    assert entering.who(workspace, second).owner.name == "ben"
    entering.leave(workspace, second)
    assert entering.who(workspace, second) is None and entering.who(workspace, "") is None


def test_a_wrong_password_and_an_unknown_name_are_told_and_worked_at_alike(workspace, secret, monkeypatch):
    compared = []
    honest = passwords.HASHER

    class Counted:
        def verify(self, kept, password):
            compared.append(kept.split("$")[3])  # the parameters: what says how much work it is
            return honest.verify(kept, password)

        def __getattr__(self, name):
            return getattr(honest, name)

    said = []
    with monkeypatch.context() as planted:
        planted.setattr(passwords, "HASHER", Counted())
        for name, password in (("ben", secret["ada"]), ("nobody", secret["ben"]), ("' OR 1=1 --", "x"), ("", "")):
            with pytest.raises(NotEntered) as refused:
                entering.enter(workspace, name, password)
            said.append(str(refused.value))
    assert len(set(said)) == 1 and len(compared) == 4 and len(set(compared)) == 1
    assert all(password not in said[0] for password in secret.values())


@pytest.mark.parametrize("name", ["ben", "nobody"])
def test_after_some_wrong_passwords_even_the_right_one_has_to_wait(workspace, secret, name):
    for _ in range(FREE_TRIES):
        with pytest.raises(NotEntered):
            entering.enter(workspace, name, "a wrong password")
    with pytest.raises(HasToWait, match="try again in 1 s"):
        entering.enter(workspace, name, secret["ben"])
    assert entering.enter(workspace, "ada", secret["ada"])
    if name == "ben":
        accounts.set_password(workspace, "ben", "nine foxes in a row")
        assert entering.enter(workspace, "ben", "nine foxes in a row")


def test_a_hash_of_other_parameters_is_made_again_and_the_password_stays_as_old(workspace, secret):
    before, account = workspace.people.kept("ben"), workspace.people.account("ben")
    entering.prove(workspace, "ben", secret["ben"])
    assert workspace.people.kept("ben") == before
    with cheap_passwords(rounds=2):
        with pytest.raises(NotEntered):
            entering.prove(workspace, "ben", "a wrong password")
        assert workspace.people.kept("ben") == before
        entering.prove(workspace, "ben", secret["ben"])
        after = workspace.people.kept("ben")
        assert after != before and ",t=2," in after
        entering.prove(workspace, "ben", secret["ben"])
    assert workspace.people.account("ben") == account


def test_another_password_ends_all_sessions_but_the_new_one(workspace, secret):
    old = [entering.enter(workspace, "ben", secret["ben"]) for _ in range(2)]
    with pytest.raises(NotEntered):
        accounts.change_password(workspace, "ben", "a wrong password", "nine foxes in a row")
    with pytest.raises(UsageError, match="12 to"):
        accounts.change_password(workspace, "ben", secret["ben"], "short")
    assert all(entering.who(workspace, each) for each in old)
    new = accounts.change_password(workspace, "ben", secret["ben"], "nine foxes in a row")
    assert [entering.who(workspace, each) is not None for each in (*old, new)] == [False, False, True]
    with pytest.raises(NotEntered):
        entering.enter(workspace, "ben", secret["ben"])


def test_the_real_hash_is_argon2id_and_no_two_are_alike():
    kept = [passwords.hashed("one password for two") for _ in range(2)]
    assert kept[0] != kept[1] and all(each.startswith("$argon2id$v=19$m=65536,t=3,p=4$") for each in kept)
    assert passwords.compared("one password for two", kept[0]) == "right"
    assert passwords.compared("one password for two", None) == passwords.compared("another one", kept[0]) == "wrong"
    assert passwords.compared("one password for two", "no hash at all") == "wrong"


def test_names_and_roles_that_are_not_there(workspace):
    with pytest.raises(UnknownName, match="ben"):
        accounts.set_password(workspace, "bern", "nine foxes in a row")
    with pytest.raises(UnknownName, match="admin"):
        accounts.create(workspace, "cara", "nine foxes in a row", role="boss")
