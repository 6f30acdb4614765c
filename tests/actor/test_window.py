"""A case that looks on sees the reaction to its stimulus, also where that came before it had time to look."""

from __future__ import annotations

import asyncio

from harness.actor.window import Window
from harness.link.clock import Clock
from harness.link.observation import BenchAction, Sample
from harness.link.trace import Timeline
from harness.link.virtual import VirtualTimeLoop
from harness.ocppj.frame import Call, CallResult


def numbers(*, lag: float, stimulus: object, sender: str, cursor: int = 0) -> list[int]:
    """The frames of two windows in turn, on a timeline with something old, a stimulus, a reaction, and a later frame."""

    async def look() -> list[int]:
        timeline = Timeline(Clock())
        window = Window(lambda: timeline.trace, timeline.clock, "csms", "station", cursor=lambda: cursor)
        timeline.observe("meter", "meter", Sample(1.0))
        timeline.observe("ocpp", sender, stimulus)
        timeline.observe("ocpp", "station", Call("r", "NotifyReport", {}))
        await asyncio.sleep(lag)
        looking = asyncio.ensure_future(window.watch(1.0))
        await asyncio.sleep(0.5)
        timeline.observe("meter", "meter", Sample(2.0))
        first = [seen.number for seen in await looking]
        return [*first, 0, *(seen.number for seen in await window.watch(1.0))]

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(look())


ANSWER = CallResult("a", {})


def test_a_reaction_right_upon_the_answer_is_in_the_window_and_what_was_before_is_not() -> None:
    assert numbers(lag=0.01, stimulus=ANSWER, sender="station") == [3, 4, 0]


def test_a_bench_action_and_a_request_of_the_tester_are_stimuli_too() -> None:
    assert numbers(lag=0.01, stimulus=BenchAction("plug", {}), sender="bench") == [3, 4, 0]
    assert numbers(lag=0.01, stimulus=Call("q", "Reset", {}), sender="csms") == [3, 4, 0]


def test_what_is_long_past_is_not_seen_again() -> None:
    assert numbers(lag=5.0, stimulus=ANSWER, sender="station") == [4, 0]


def test_what_was_handed_to_the_case_is_not_seen_again() -> None:
    assert numbers(lag=0.01, stimulus=ANSWER, sender="station", cursor=3) == [4, 0]
