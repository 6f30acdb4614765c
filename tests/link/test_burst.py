"""How fast a peer may send."""

from __future__ import annotations

from harness.link.burst import Burst, Pace


def test_a_peer_within_its_pace_is_let_on_for_ever() -> None:
    burst = Burst(Pace(messages=3, octets=100))
    assert all(burst.exceeded(number / 3, 30) is None for number in range(300))


def test_too_many_messages_within_a_second_are_a_flood() -> None:
    burst = Burst(Pace(messages=3, octets=100))
    said = [burst.exceeded(5.0, 1) for _ in range(4)]
    assert said == [None, None, None, (3, "messages within a second")]


def test_too_many_octets_within_a_second_are_a_flood() -> None:
    burst = Burst(Pace(messages=3, octets=100))
    assert burst.exceeded(0.0, 60) is None
    assert burst.exceeded(0.9, 60) == (100, "octets within a second")
    assert burst.exceeded(1.1, 60) is None
