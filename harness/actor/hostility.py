"""Words for cases that send what no sound EV sends: each piece in a session of its own, and the next session after it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable

from harness.actor.answers import answer, response_of
from harness.actor.evcc import Evcc
from harness.messages.common_messages import SessionSetupReq
from harness.v2g.malformed import Malformed
from harness.verdict.check import Check

_Make = Callable[[bytes], Iterable[Malformed]]


async def in_sessions_of_their_own(evcc: Evcc, due: type, make: _Make) -> AsyncIterator[Malformed]:
    """Go to where a request is due and yield one of the frames that `make` makes of it; then again, for the next one."""
    number, count = 0, 1
    while number < count:
        await evcc.close()
        await evcc.reach(due)
        frames = list(make(evcc.encoded(evcc.request(due))))
        count = len(frames)
        yield frames[number]
        number += 1


async def next_session_works(evcc: Evcc, check: Check, after: str) -> bool:
    """Whether the SECC sets a new session up, as it must whatever came before."""
    return check.that(
        await evcc.begin_anew(),
        answer,
        response_of(SessionSetupReq, when=f"for the next EV, after {after}"),
        requirement="V2G20:ready-again",
        advice="Whatever one EV sent, the next one is served: look for a crashed or a waiting task.",
    )
