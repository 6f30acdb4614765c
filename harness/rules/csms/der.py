"""Rules about the DER controls that a CSMS sends: one object, the one of its type, and times only where they belong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness.link.observation import Observation
from harness.link.trace import Trace
from harness.ocpp.csms.der import CONTROL_TYPES, DEFAULT_ONLY, object_of
from harness.ocpp.readings import request
from harness.rules.context import RuleContext
from harness.verdict.check import Check
from harness.verdict.declare import rule

_OBJECTS = frozenset(object_of(each) for each in CONTROL_TYPES)


def _controls(trace: Trace) -> Iterator[tuple[Observation, str, Mapping[str, Any]]]:
    """Every SetDERControl with its control type and payload."""
    for seen in trace.link("ocpp").sent_by("csms"):
        content = request(seen, "SetDERControl")
        if content is not None:
            yield seen, str(content.get("controlType")), content


def _timed(content: Mapping[str, Any], kind: str) -> list[str]:
    own = content.get(object_of(kind))
    return [name for name in ("startTime", "duration") if isinstance(own, Mapping) and name in own]


@rule(
    "RULE_OcppDer_001",
    role="csms",
    link="ocpp",
    covers="R04.FR.16",
    detects=("csms-wrong-der-object", "csms-der-in-a-curve"),
    exercised_by="TC_CSMS_Der_001",
)
def a_control_has_the_object_of_its_type(trace: Trace, check: Check, context: RuleContext) -> None:
    """CSMS sends a DER control with the object that belongs to its type, and no other."""
    for seen, kind, content in _controls(trace):
        present = sorted(_OBJECTS & content.keys())
        check.holds(
            present == [object_of(kind)],
            expected=f"{object_of(kind)} alone for {kind}",
            actual=", ".join(present) or "no object",
            seen=seen,
            advice="A station rejects a control whose object does not fit its type.",
        )


@rule(
    "RULE_OcppDer_002",
    role="csms",
    link="ocpp",
    covers=("R04.FR.12", "R04.FR.14"),
    detects=("csms-timed-defaults", "csms-untimed-controls", "csms-schedules-defaults"),
    exercised_by=("TC_CSMS_Der_002", "TC_CSMS_Der_003", "TC_CSMS_Der_004"),
)
def only_scheduled_controls_have_a_time(trace: Trace, check: Check, context: RuleContext) -> None:
    """CSMS gives scheduled DER controls startTime and duration, defaults neither; some types are defaults only."""
    for seen, kind, content in _controls(trace):
        default, timed = content.get("isDefault") is True, _timed(content, kind)
        check.holds(
            (not timed) if default else (len(timed) == 2 and kind not in DEFAULT_ONLY),
            expected="a default without startTime and duration, or a scheduled control with both",
            actual=f"a {'default' if default else 'scheduled'} {kind} with {' and '.join(timed) or 'neither'}",
            seen=seen,
            advice="EnterService and Gradients are defaults only.",
        )
