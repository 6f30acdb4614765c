"""The record of a case as it grows (Timeline) and questions to it (Trace).

Observations are appended and never changed. Neither class knows a protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, overload

from harness.link.clock import Clock
from harness.link.observation import Event, Observation


class Timeline:
    """All observations of one case, over all links, in the order they were made.

    Listeners are called with each observation as it is appended; they must not raise.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.observations: list[Observation] = []
        self._listeners: list[Callable[[Observation], None]] = []

    def listen(self, listener: Callable[[Observation], None]) -> None:
        """Call `listener` with every later observation."""
        self._listeners.append(listener)

    def observe(
        self,
        link: str,
        sender: str,
        message: Any,
        *,
        octets: bytes = b"",
        at: float | None = None,
        first_at: float | None = None,
        connection: int = 0,
        altered_by: str = "",
        facts: Mapping[str, Any] | None = None,
    ) -> Observation:
        """Append one observation and return it; `at` defaults to now."""
        seen = Observation(
            number=len(self.observations) + 1,
            at=self.clock.now() if at is None else at,
            link=link,
            sender=sender,
            message=message,
            octets=octets,
            connection=connection,
            altered_by=altered_by,
            first_at=first_at,
            facts=facts or {},
        )
        self.observations.append(seen)
        for listener in self._listeners:
            listener(seen)
        return seen

    @property
    def trace(self) -> Trace:
        """Everything so far."""
        return Trace(self.observations)


class Trace(Sequence[Observation]):
    """An ordered set of observations that answers questions with smaller ones.

    A trace over a growing timeline is a snapshot of the moment it was asked for.
    """

    def __init__(self, observations: Iterable[Observation] = ()) -> None:
        self._seen = tuple(observations)

    def __len__(self) -> int:
        return len(self._seen)

    @overload
    def __getitem__(self, index: int) -> Observation: ...
    @overload
    def __getitem__(self, index: slice) -> Trace: ...
    def __getitem__(self, index: int | slice) -> Observation | Trace:
        return Trace(self._seen[index]) if isinstance(index, slice) else self._seen[index]

    def __iter__(self) -> Iterator[Observation]:
        return iter(self._seen)

    def __repr__(self) -> str:
        return f"Trace({len(self)} observations)"

    def where(self, claim: Callable[[Observation], object]) -> Trace:
        """Those for which `claim` holds, or of which a reading says something."""
        return Trace(seen for seen in self._seen if claim(seen))

    def of(self, *types: type) -> Trace:
        """Those whose message is one of `types`."""
        return self.where(lambda seen: isinstance(seen.message, types))

    def link(self, name: str) -> Trace:
        """Those of one link."""
        return self.where(lambda seen: seen.link == name)

    def sent_by(self, role: str) -> Trace:
        """Those that `role` sent."""
        return self.where(lambda seen: seen.sender == role)

    def since(self, at: float) -> Trace:
        """Those at or after an instant."""
        return self.where(lambda seen: seen.at >= at)

    def between(self, start: float, end: float) -> Trace:
        """Those from `start` up to and including `end`."""
        return self.where(lambda seen: start <= seen.at <= end)

    @property
    def messages(self) -> Trace:
        """Those that are messages of a protocol, not events."""
        return self.where(lambda seen: not isinstance(seen.message, Event))

    def after(self, number: int) -> Trace:
        """Those with a higher frame number."""
        return self.where(lambda seen: seen.number > number)

    @property
    def last(self) -> Observation | None:
        """The latest, or None."""
        return self._seen[-1] if self._seen else None
