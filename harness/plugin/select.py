"""Which cases run, and why the others do not: selection is a result that the report lists."""

from __future__ import annotations

from dataclasses import dataclass

from harness.device.description import DeviceDescription
from harness.verdict.declare import CaseDeclaration

NOT_APPLICABLE = "not applicable"
NOT_TESTABLE = "not testable"
LEFT_OUT = "left out"
LONGEST_QUICK = 10.0
"""Seconds a case may need to be part of a quick run."""


@dataclass(frozen=True, slots=True)
class Skip:
    """Why a case is not run: one of the three kinds above, and the reason in words."""

    why: str
    reason: str


def skip_of(declaration: CaseDeclaration, description: DeviceDescription, *, quick: bool) -> Skip | None:
    """None for a case that is to run."""
    if declaration.role not in description.roles.names:
        return Skip(NOT_APPLICABLE, f"the description lists no role {declaration.role}")
    if declaration.pics is not None:
        missing = declaration.pics.missing(description.claims)
        if missing:
            return Skip(NOT_APPLICABLE, f"not claimed: {', '.join(missing)}")
    lacking = [need for need in declaration.needs if need not in available(description)]
    if lacking:
        return Skip(NOT_TESTABLE, f"this bench has no {' and no '.join(lacking)}; describe it under bench")
    if quick and declaration.lasts > LONGEST_QUICK:
        return Skip(LEFT_OUT, f"needs {declaration.lasts:g} s; add --all to run it")
    return None


def available(description: DeviceDescription) -> frozenset[str]:
    """What the bench offers to cases: actions by name, and ``meter``."""
    measures = frozenset() if description.bench.meter.kind == "none" else frozenset({"meter"})
    return description.bench.trigger.available | measures
