"""How long a station waits before it connects again, as data and one pure function (OCPP 2.1 part 4, 5.4).

Waits grow by doubling: after the first failure `minimum` seconds, then twice that, and so on for `doublings` times, then
constant; every wait has its own random share of up to `random_range` seconds, which is not doubled. After a connection that
stood, counting begins anew. That the random share is not doubled is a reading not confirmed against a test lab.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BackOff:
    """RetryBackOffWaitMinimum (s), RetryBackOffRandomRange (s), RetryBackOffRepeatTimes."""

    minimum: float
    random_range: float
    doublings: int


def wait_range(back_off: BackOff, attempt: int) -> tuple[float, float]:
    """The shortest and the longest wait (s) before attempt 1, 2, ... after a connection was lost or refused."""
    shortest = back_off.minimum * 2.0 ** min(max(attempt - 1, 0), back_off.doublings)
    return shortest, shortest + back_off.random_range


def wait(back_off: BackOff, attempt: int, dice: float) -> float:
    """The wait (s) before an attempt; `dice` is a fresh random number in [0, 1)."""
    shortest, longest = wait_range(back_off, attempt)
    return shortest + dice * (longest - shortest)


@dataclass(frozen=True, slots=True)
class SlotAttempts:
    """NetworkConfigurationPriority as slots in order, and NetworkProfileConnectionAttempts for each."""

    slots: tuple[int, ...]
    attempts: int


def slot_of(plan: SlotAttempts, attempt: int) -> int:
    """The configuration slot that attempt 1, 2, ... uses: each slot its number of times, then the next, round and round."""
    return plan.slots[(max(attempt, 1) - 1) // max(plan.attempts, 1) % len(plan.slots)]
