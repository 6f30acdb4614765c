"""What a ladder says of a message in one line: the fields that steer a session, and a few values with their units.

The one place that knows which fields these are; a new protocol adds its names here.
"""

from __future__ import annotations

from harness.evidence.reading import Frame
from harness.report.fields import find, number

STATES = (
    "ResponseCode",
    "EVSENotification",
    "EVSEProcessing",
    "EVProcessing",
    "ChargeProgress",
    "ChargingSession",
    "SelectedAuthorizationService",
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
)

_MODE = "ControlMode"


def states(frame: Frame) -> tuple[str, ...]:
    """The steering fields of a message, as `Field=value`; the control mode as its element's name."""
    found = [f"{name}={value}" for name in STATES if isinstance(value := find(frame.message, name), (str, int))]
    if isinstance(frame.message, dict):
        found += [name for name in frame.message if name.endswith(_MODE)]
    return tuple(found)


def key_text(frame: Frame) -> str:
    """One line for a ladder: steering fields first, then values."""
    said = [each.removeprefix("ResponseCode=") for each in states(frame)]
    for name, unit in VALUES:
        value = number(frame.message, name)
        if value is not None:
            said.append(f"{name} {value:g} {unit}".strip())
    return " · ".join(said)
