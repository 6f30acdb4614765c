"""The charge loop of a session as the tester drives it: at its pace, until something settles, or to the bitter end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from harness.actor.course import Course
from harness.actor.exchange import Exchange, words
from harness.errors import Inconclusive, TesterLate
from harness.link.observation import Observation
from harness.link.trace import Trace
from harness.messages import dc
from harness.v2g.sequence import failed
from harness.v2g.timers import secc_sequence_timeout
from harness.verdict.check import Expected

if TYPE_CHECKING:
    from harness.actor.evcc import Evcc


class ChargeLoop:
    """The charge loop of a session, exchange by exchange at the policy's pace."""

    def __init__(self, evcc: Evcc) -> None:
        self.evcc = evcc
        self.started = evcc.timeline.clock.now()
        self.last: Exchange | None = None

    @property
    def trace(self) -> Trace:
        """Everything seen on the V2G link since the loop began."""
        return self.evcc.trace.since(self.started)

    @property
    def responses(self) -> Trace:
        """The loop responses so far."""
        return self.trace.of(dc.DC_ChargeLoopRes)

    async def try_turn(self, **fields: Any) -> Exchange:
        """One exchange at the policy's pace, whatever comes of it."""
        await self.evcc.keep_silent(self.evcc.policy.loop_period)
        self.last = await self.evcc.ask(self.evcc.request(dc.DC_ChargeLoopReq, **fields))
        return self.last

    async def turn(self, **fields: Any) -> Exchange:
        """One exchange; inconclusive when the SECC does not go along."""
        exchange = await self.try_turn(**fields)
        if _left(exchange):
            left = f"the SECC left the charge loop: {words(exchange.outcome)} (frame {exchange.outcome.number})"
            late = self._late()
            raise TesterLate(f"{left}; {late}") if late else Inconclusive(left)
        return exchange

    def _late(self) -> str:
        """A remark where the tester itself was so late with its request that the SECC may have given up."""
        asked = self.last.request if self.last is not None else None
        before = self.responses.last
        if asked is None or before is None:
            return ""
        gap, allowed = asked.at - before.at, secc_sequence_timeout(dc.DC_ChargeLoopReq).seconds
        said = f"the tester was late, {gap:.2f} s after the response before: give it a faster machine"
        return said if gap > allowed else ""

    async def announce(self, **fields: Any) -> Observation:
        """Say other values in the named fields from now on; returns the request that said so first."""
        self.evcc.policy = self.evcc.policy.announce(**fields)
        exchange = await self.turn()
        assert exchange.request is not None
        return exchange.request

    async def run(self, seconds: float) -> None:
        """Go on for a while."""
        until = self.evcc.timeline.clock.now() + seconds
        while self.evcc.timeline.clock.now() < until:
            await self.turn()

    async def until(self, claim: Any, *, within: float, purpose: str = "") -> Exchange:
        """Go on until `claim(observation of the response)` holds; inconclusive after `within` s."""
        until = self.evcc.timeline.clock.now() + within
        while True:
            exchange = await self.turn()
            if claim(exchange.outcome):
                return exchange
            if self.evcc.timeline.clock.now() >= until:
                wanted = purpose or getattr(claim, "__name__", "what was waited for").replace("_", " ")
                raise Inconclusive(f"{wanted} did not come within {within:g} s (frame {exchange.outcome.number})")

    async def endure(self, seconds: float) -> Exchange:
        """Go on for a while, or until the SECC ends the loop; returns the last exchange, whatever it was."""
        until = self.evcc.timeline.clock.now() + seconds
        while True:
            exchange = await self.try_turn()
            if _left(exchange) or self.evcc.timeline.clock.now() >= until:
                return exchange

    @property
    def outcome(self) -> Observation | None:
        """The last thing the SECC did in answer to a loop request."""
        return self.last.outcome if self.last else None

    async def settle(self, expected: Expected, *, within: float) -> float:
        """Go on until every expected value has kept its limit for a second, or `within` s and some more have passed.

        Returns the instant (s on the clock) from which on the values may be judged: when they came to rest, at latest
        when they had to. A slow instrument is waited for; one that shows nothing is not. Inconclusive when the SECC
        leaves the loop.
        """
        return await self._settle(expected, within, self.turn)

    async def try_settle(self, expected: Expected, *, within: float) -> float:
        """As `settle`, but a SECC that leaves the loop only ends it; `outcome` then says how."""
        return await self._settle(expected, within, self.try_turn)

    async def _settle(self, expected: Expected, within: float, turn: Callable[[], Awaitable[Exchange]]) -> float:
        course = Course(self.evcc.timeline, expected, within)
        while True:
            left = _left(await turn())
            settled = course.settled()
            if settled is not None or left:
                return course.kept_since if settled is None else settled


def _left(exchange: Exchange) -> bool:
    """Whether the SECC ended the loop."""
    return not isinstance(exchange.response, dc.DC_ChargeLoopRes) or failed(exchange.response)
