"""Cars on the same piece of track: being held up, passing, bunching up behind the safety car.

Arrays are draws x cars **in running order** unless said otherwise; times are the clocks at the line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

GAP = 0.45  # the least gap between two cars at the line, seconds
DIRTY, DIRTY_GAP = 0.12, 1.4  # seconds per lap lost behind another car on an average circuit, and within which gap
QUEUE_GAP = 0.9  # behind the safety car
ROUNDS = 2  # of two: a car may pass a few others on a lap
REACH = 2.0


def running_order(clock: np.ndarray) -> np.ndarray:
    """Return the cars (draws x cars) in running order, as positions in the flattened array: `clock.take(order)` sorts."""
    order: np.ndarray = np.argsort(clock, axis=1, kind="stable")
    order += np.arange(0, clock.size, clock.shape[1])[:, None]
    return order


@dataclass
class Pack:
    """The cars of a race in running order on one lap.

    Attributes:
        before: clocks at the start of the lap.
        after: clocks at its end; first as if every car were alone.
        free: cars that hold nobody up (in the pits, in trouble, out).
        order: which car runs where, see `running_order`.
    """

    before: np.ndarray
    after: np.ndarray
    free: np.ndarray
    order: np.ndarray


def pass_or_wait(pack: Pack, difficulty: float, slow: np.ndarray, rng: np.random.Generator) -> None:
    """Let cars pass or wait, in place.

    Args:
        pack: the cars; the clocks at the end of the lap and the order are brought up to date.
        difficulty: of overtaking, seconds per lap of advantage.
        slow: per draw, whether overtaking is forbidden.
        rng: of the race.
    """
    pack.after[:, 1:] += (DIRTY * difficulty) * ((pack.before[:, 1:] - pack.before[:, :-1]) < DIRTY_GAP)
    for turn in range(2 * ROUNDS):
        _exchange(pack, (turn + turn // 2) % 2, difficulty, slow, rng)
    queue = GAP * np.arange(pack.after.shape[1])
    held = np.maximum.accumulate(np.where(pack.free, -1e9, pack.after - queue), axis=1)
    pack.after = np.maximum(pack.after, held + queue)


def _exchange(pack: Pack, first: int, difficulty: float, slow: np.ndarray, rng: np.random.Generator) -> None:
    """Let every second pair of neighbours change places where the one behind is faster and gets by."""
    after = pack.after
    last = first + 2 * ((after.shape[1] - first) // 2)
    row, pair = np.nonzero(after[:, first:last:2] > after[:, first + 1 : last : 2])
    if not len(row):
        return
    front = first + 2 * pair
    gain = after[row, front] - after[row, front + 1]
    passes = pack.free[row, front] | (~slow[row] & (rng.random(len(row)) < 1 - np.exp(-gain / difficulty)))
    row, front = row[passes], front[passes]
    for values in (after, pack.order, pack.free):
        values[row, front], values[row, front + 1] = values[row, front + 1], values[row, front]


def bunch_up(clock: np.ndarray, order: np.ndarray, rows: np.ndarray, out: float, catch_up: float) -> None:
    """Close the gaps of some draws to a queue, in place, each car by `catch_up` seconds at most.

    Cars that have stopped stay at `out`.
    """
    running = clock.take(order[rows])
    place = np.arange(running.shape[1])
    closed = np.minimum(running, np.maximum(running[:, :1] + QUEUE_GAP * place, running - catch_up))
    closed = np.maximum.accumulate(closed - GAP * place, axis=1) + GAP * place
    clock.reshape(-1)[order[rows]] = np.where(running >= out, out, closed)


def within_reach(running: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Return by car (draws x cars) who is within reach of the car ahead, from the clocks in running order."""
    near = np.zeros(running.size, dtype=bool)
    near[order[:, 1:]] = (running[:, 1:] - running[:, :-1]) < REACH
    return near.reshape(running.shape)


def ahead_of(who: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Return by car which cars run right ahead of one of `who`."""
    ahead = np.zeros(who.size, dtype=bool)
    ahead[order[:, :-1]] = who.take(order[:, 1:])
    return ahead.reshape(who.shape)
