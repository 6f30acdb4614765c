"""What a conversation over OCPP-J finds wrong with a frame, and with whom."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from harness.ocppj.actions import Party


class Kind(Enum):
    """What is wrong, in kinds that rules can choose from."""

    FRAME = "no frame of the version"
    MESSAGE_ID = "message id"
    ONE_CALL = "a second request before the first was answered"
    ANSWER = "answer that belongs to no open request"
    ERROR_CODE = "error code"
    ACTION = "action"
    PAYLOAD = "payload"


@dataclass(frozen=True, slots=True)
class Violation:
    """A requirement that `who` broke.

    `tolerated`: devices in the field differ here, so it is worth a remark and no blame. `confirmed` is False where the
    requirement itself is not certain. `code` is the error code with which a request is refused for this; empty for what is no
    request.
    """

    kind: Kind
    who: Party
    requirement: str
    expected: str
    actual: str
    tolerated: bool = False
    confirmed: bool = True
    code: str = ""

    def __str__(self) -> str:
        return f"{self.requirement}: expected {self.expected}, got {self.actual} ({self.who})"
