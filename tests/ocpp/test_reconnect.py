"""Back-off: the waits of a station, and the slot each attempt uses."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.ocpp.reconnect import BackOff, SlotAttempts, slot_of, wait, wait_range


def test_waits_double_and_then_stay() -> None:
    ranges = [wait_range(BackOff(10, 5, 3), attempt) for attempt in range(1, 7)]
    assert ranges == [(10, 15), (20, 25), (40, 45), (80, 85), (80, 85), (80, 85)]


def test_without_doublings_waits_stay_from_the_start() -> None:
    assert {wait_range(BackOff(7, 0, 0), attempt) for attempt in range(1, 20)} == {(7, 7)}


@given(
    st.floats(0, 100), st.floats(0, 100), st.integers(0, 30), st.integers(1, 10_000), st.floats(0, 1, exclude_max=True)
)
def test_every_wait_is_in_its_range(minimum: float, spread: float, doublings: int, attempt: int, dice: float) -> None:
    back_off = BackOff(minimum, spread, doublings)
    shortest, longest = wait_range(back_off, attempt)
    assert shortest <= wait(back_off, attempt, dice) <= longest
    assert wait_range(back_off, attempt + 1)[0] >= shortest


def test_each_slot_has_its_attempts_before_the_next() -> None:
    plan = SlotAttempts((2, 1), 3)
    assert [slot_of(plan, attempt) for attempt in range(1, 9)] == [2, 2, 2, 1, 1, 1, 2, 2]
