"""What a session finds wrong with a message, and with whom."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

from harness.messages.common_types import responseCodeType

Role = Literal["evcc", "secc"]


class Kind(Enum):
    """What is wrong, in kinds that rules can choose from."""

    SEQUENCE = "out of sequence"
    RESPONSE_TYPE = "response does not belong to the request"
    SESSION_ID = "session id"
    RESPONSE_CODE = "response code"
    PROTOCOL = "protocol negotiation"
    AUTHORIZATION = "authorization"
    SERVICE = "service offer or choice"
    VARIANT = "message variant of another service or control mode"
    LIMITS = "limits"
    SCHEDULE = "schedule or power profile"
    ENERGY = "energy requests"
    METERING = "meter readings"
    NOTIFICATION = "notification not followed"
    TIMING = "timing"


@dataclass(frozen=True, slots=True)
class Violation:
    """A requirement that `who` broke.

    `tolerated`: devices in the field differ here, so it is worth a remark and no blame. `confirmed` is False where the
    requirement itself is not certain. `answers` are the response codes with which an SECC may meet a wrong request, the
    fitting one first; they are empty for what an SECC did itself.
    """

    kind: Kind
    who: Role
    requirement: str
    expected: str
    actual: str
    tolerated: bool = False
    confirmed: bool = True
    answers: tuple[responseCodeType, ...] = ()

    def __str__(self) -> str:
        return f"{self.requirement}: expected {self.expected}, got {self.actual} ({self.who})"
