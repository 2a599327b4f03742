"""What pages keep for some seconds."""

import threading

import pytest

from pitwall.web.memo import Memo


def test_a_value_is_made_once_until_its_time_is_over_or_somebody_does_something():
    now, made = [0.0], []
    memo = Memo(lambda: now[0])
    assert [memo.get("a", lambda: made.append(1) or len(made), 5.0) for _ in range(3)] == [1, 1, 1]
    now[0] = 5.0
    assert memo.get("a", lambda: made.append(1) or len(made), 5.0) == 2
    memo.forget()
    assert memo.get("a", lambda: made.append(1) or len(made), 5.0) == 3
    assert memo.get("b", lambda: "other") == "other"


def test_threads_that_ask_for_the_same_wait_for_the_first():
    memo, made, begun, go = Memo(), [], threading.Event(), threading.Event()

    def slow():
        begun.set()
        go.wait(10)
        made.append(1)
        return len(made)

    found = []
    threads = [threading.Thread(target=lambda: found.append(memo.get("a", slow))) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert begun.wait(10)
    assert memo.get("b", lambda: 7) == 7  # others do not wait
    go.set()
    for thread in threads:
        thread.join(10)
    assert found == [1, 1, 1, 1]


def test_what_fails_is_not_kept():
    memo = Memo()
    with pytest.raises(ValueError, match="once"):
        memo.get("a", lambda: (_ for _ in ()).throw(ValueError("once")))
    assert memo.get("a", lambda: 2) == 2
