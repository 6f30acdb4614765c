"""Checks look at observations and leave findings; they never raise on what the SUT did.

`every` over nothing is inconclusive, never a pass: silence proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harness.link.observation import Observation
from harness.verdict.limits import Limit
from harness.verdict.requirements import is_known
from harness.verdict.requirements import requirement as catalogued
from harness.verdict.verdict import Axis, Finding, Verdict, worst

Reading = Callable[[Observation], Any]
"""Reads one value from an observation; None means "this observation says nothing about it"."""

Expected = Mapping[Any, Limit]
"""Readings and what each has to keep at the same time; the first is the SUT's own word, the others are the bench's."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One check as done: what was looked at, how many values, how many broke the limit. Reports list them."""

    what: str
    limit: str
    source: str
    confirmed: bool
    values: int
    broken: int


def reading_name(reading: Reading) -> str:
    """How a report calls a reading: its function name in words."""
    return getattr(reading, "__name__", str(reading)).replace("_", " ").strip()


@dataclass
class Check:
    """The findings of one case (or rule) as they accumulate.

    `source` is its id, `requirement` what it covers first; single checks may name another requirement. A `passive`
    check belongs to a rule: where traffic gives it nothing to look at, it was not exercised, and says nothing.
    """

    source: str
    requirement: str
    passive: bool = False
    findings: list[Finding] = field(default_factory=list)
    done: list[Checked] = field(default_factory=list)

    @property
    def verdict(self) -> Verdict:
        """The worst of what was found; INCONC while nothing was checked at all."""
        if not self.done and not self.findings:
            return Verdict.INCONC
        return worst([Verdict.PASS, *(finding.weight for finding in self.findings)])

    def every(
        self,
        observations: Iterable[Observation],
        reading: Reading,
        limit: Limit,
        *,
        requirement: str = "",
        advice: str = "",
        axis: Axis = Axis.CONFORMANCE,
    ) -> bool:
        """Every value that `reading` finds must keep `limit`. Findings name the first frame and count the rest."""
        what = reading_name(reading)
        values = [(seen, value) for seen in observations if (value := reading(seen)) is not None]
        if not values and self.passive:
            return True
        broken = [(seen, value) for seen, value in values if not limit.holds(value)]
        self.done.append(Checked(what, limit.expects, limit.source, limit.confirmed, len(values), len(broken)))
        if not values:
            self.inconclusive(f"{what}: {limit.expects}", "no observation to judge", requirement=requirement)
            return False
        if broken:
            seen, value = broken[0]
            more = f", and {len(broken) - 1} more of {len(values)}" if len(broken) > 1 else ""
            self._fail(
                f"{what}: {limit.expects}", f"{_plain(value, limit.unit)}{more}", seen, limit, requirement, advice, axis
            )
        return not broken

    def course(
        self,
        observations: Sequence[Observation],
        expected: Expected,
        *,
        requirement: str = "",
        advice: str = "",
        axis: Axis = Axis.CONFORMANCE,
        confirmed: bool = True,
    ) -> bool:
        """Every value of every reading must keep its limit.

        Of the first reading there has to be a value, else the course is inconclusive; the others are judged where the
        bench shows them. With `confirmed` False the requirement itself is uncertain, and a failure provisional.
        """
        first = next(iter(expected))
        kept = True
        for reading, limit in expected.items():
            if reading is first or any(reading(seen) is not None for seen in observations):
                judged = replace(limit, confirmed=limit.confirmed and confirmed)
                said = {"requirement": requirement, "advice": advice}
                kept = self.every(observations, reading, judged, axis=axis, **said) and kept
        return kept

    def that(
        self,
        seen: Observation | None,
        reading: Reading,
        limit: Limit,
        *,
        requirement: str = "",
        advice: str = "",
        axis: Axis = Axis.CONFORMANCE,
    ) -> bool:
        """One observation must keep `limit`; None (it never came) fails too."""
        what = reading_name(reading)
        value = None if seen is None else reading(seen)
        kept = value is not None and limit.holds(value)
        self.done.append(Checked(what, limit.expects, limit.source, limit.confirmed, 1, int(not kept)))
        if not kept:
            actual = "nothing came" if seen is None else f"{seen.name}" if value is None else _plain(value, limit.unit)
            self._fail(f"{what}: {limit.expects}", actual, seen, limit, requirement, advice, axis)
        return kept

    def holds(
        self,
        claim: bool,
        *,
        expected: str,
        actual: str,
        seen: Observation | None = None,
        requirement: str = "",
        advice: str = "",
        axis: Axis = Axis.CONFORMANCE,
        confirmed: bool = True,
    ) -> bool:
        """A claim that was computed by the caller; `actual` is said only when it does not hold."""
        limit = Limit(expected, bool, confirmed=confirmed)
        self.done.append(Checked(expected, expected, requirement or self.requirement, confirmed, 1, int(not claim)))
        if not claim:
            self._fail(expected, actual, seen, limit, requirement, advice, axis)
        return claim

    def inconclusive(
        self, expected: str, actual: str, *, requirement: str = "", seen: Observation | None = None, advice: str = ""
    ) -> None:
        """Record that something could not be judged; nobody is blamed."""
        frame, at = (seen.number, seen.at) if seen else (None, None)
        needed = requirement or self.requirement
        self.findings.append(Finding(self.source, Verdict.INCONC, needed, expected, actual, advice, frame, at))

    def unexercised(self, expected: str, actual: str) -> None:
        """Record that there was nothing to judge, for what the case builds on is optional and not there."""
        self.findings.append(Finding(self.source, Verdict.NONE, self.requirement, expected, actual))

    def _fail(
        self,
        expected: str,
        actual: str,
        seen: Observation | None,
        limit: Limit,
        requirement: str,
        advice: str,
        axis: Axis,
    ) -> None:
        needed = requirement or self.requirement
        self.findings.append(
            Finding(
                source=self.source,
                verdict=Verdict.FAIL,
                requirement=needed,
                expected=expected,
                actual=actual,
                advice=advice,
                frame=seen.number if seen else None,
                at=seen.at if seen else None,
                axis=axis,
                provisional=not limit.confirmed or (is_known(needed) and not catalogued(needed).confirmed),
            )
        )


def _plain(value: Any, unit: str) -> str:
    """A value as a report says it: numbers to five digits and with their unit."""
    said = f"{value:.5g}" if isinstance(value, float) else str(value)
    return f"{said} {unit}".strip()
