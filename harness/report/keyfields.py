"""What a ladder says of a message in one line: the fields that steer a session, and a few values with their units.

The one place that knows which fields these are; a new protocol adds its names here.
"""

from __future__ import annotations

import re

from harness.evidence.reading import Frame
from harness.report import ocpp_series
from harness.report.fields import as_number, find_all

STATES = (
    "ResponseCode",
    "EVSENotification",
    "EVSEProcessing",
    "EVProcessing",
    "ChargeProgress",
    "ChargingSession",
    "SelectedAuthorizationService",
    # OCPP
    "status",
    "code",
    "reasonCode",
    "eventType",
    "triggerReason",
    "chargingState",
    "operationMode",
    "stoppedReason",
    "requestedMessage",
    "chargingProfilePurpose",
    "controlType",
)
"""Fields whose change is an event in the session: exchanges that differ in one are never folded together."""

VALUES = (
    ("EVSEPresentVoltage", "V"),
    ("EVSEPresentCurrent", "A"),
    ("EVPresentVoltage", "V"),
    ("EVTargetCurrent", "A"),
    ("EVSETargetActivePower", "W"),
    ("ServiceID", ""),
    ("SchemaID", ""),
    ("evseId", ""),
    ("seqNo", ""),
    ("interval", "s"),
)

_OUTCOME = re.compile(
    r"^(ResponseCode|status|code|reasonCode|eventType|triggerReason|chargingState|operationMode|requestedMessage|"
    r"chargingProfilePurpose|controlType)="
)
"""Names that need not be said: what follows says it."""

_MODE = re.compile(r"^(\w+?)_(AC|DC|WPT|ACDP)_CL(Req|Res)ControlMode$")
"""Substitutes of the control mode are elements whose name says the mode: ``BPT_Dynamic_DC_CLReqControlMode``."""


def states(frame: Frame) -> tuple[str, ...]:
    """The steering fields of a message, as `Field=value`, and the control mode in words."""
    has = find_all(frame.message, STATES)
    found = [f"{name}={has[name]}" for name in STATES if isinstance(has.get(name), (str, int))]
    if isinstance(frame.message, dict):
        found += [mode[1].replace("_", " ") for name in frame.message if (mode := _MODE.match(name))]
    return tuple(found)


def key_text(frame: Frame) -> str:
    """One line for a ladder: steering fields first, then values."""
    said = [_OUTCOME.sub("", each) for each in states(frame)]
    if frame.link == "ocpp":
        said += ocpp_series.asked_for(frame)
        if (power := ocpp_series.reported_power(frame)) is not None:
            said.append(f"reports {power:+g} W")
    has = find_all(frame.message, [name for name, _ in VALUES])
    for name, unit in VALUES:
        value = as_number(has.get(name))
        if value is not None:
            said.append(f"{name} {value:g} {unit}".strip())
    return " · ".join(said)
