"""The five frames of OCPP-J, between JSON text and values (OCPP-J 4.2).

    [2, id, action, {payload}]                    CALL              all versions
    [3, id, {payload}]                            CALLRESULT        all versions
    [4, id, code, description, {details}]         CALLERROR         all versions
    [5, id, code, description, {details}]         CALLRESULTERROR   2.1
    [6, id, action, {payload}]                    SEND              2.1

What a peer sends wrong is a value (`FrameFault`), never an exception. Payloads are plain dictionaries with the wire's own
names; this module does not know what belongs into them (see `harness.ocppj.payload`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from harness.errors import CodecError
from harness.ocppj import codes
from harness.ocppj.strictjson import JsonFault, read_json, write_json
from harness.ocppj.versions import Version

ID_LENGTH = 36
DESCRIPTION_LENGTH = 255
UNREADABLE_ID = "-1"
"""The message id with which to answer a frame whose own id cannot be read."""

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A request. `frame_name` is how ladders and reports name it."""

    number: ClassVar[int] = 2
    message_id: str
    action: str
    payload: Payload = field(default_factory=dict)

    @property
    def frame_name(self) -> str:
        return f"{self.action}.req"


@dataclass(frozen=True, slots=True)
class CallResult:
    """The answer to a request. `action` is not on the wire; whoever knows the request fills it in, for people to read."""

    number: ClassVar[int] = 3
    message_id: str
    payload: Payload = field(default_factory=dict)
    action: str = field(default="", compare=False)

    @property
    def frame_name(self) -> str:
        return f"{self.action or 'CALLRESULT'}.conf"


@dataclass(frozen=True, slots=True)
class CallError:
    """The refusal of a request. `action` as in `CallResult`."""

    number: ClassVar[int] = 4
    message_id: str
    code: str
    description: str = ""
    details: Payload = field(default_factory=dict)
    action: str = field(default="", compare=False)

    @property
    def frame_name(self) -> str:
        return f"{self.action or 'CALLERROR'}.error"


@dataclass(frozen=True, slots=True)
class CallResultError:
    """A complaint about a bad CALLRESULT, whose id it carries (2.1). `action` as in `CallResult`."""

    number: ClassVar[int] = 5
    message_id: str
    code: str
    description: str = ""
    details: Payload = field(default_factory=dict)
    action: str = field(default="", compare=False)

    @property
    def frame_name(self) -> str:
        return f"{self.action or 'CALLRESULT'}.resulterror"


@dataclass(frozen=True, slots=True)
class Send:
    """A message that must not be answered (2.1)."""

    number: ClassVar[int] = 6
    message_id: str
    action: str
    payload: Payload = field(default_factory=dict)

    @property
    def frame_name(self) -> str:
        return f"{self.action}.send"


Frame = Call | CallResult | CallError | CallResultError | Send
Answer = CallResult | CallError

_KINDS: Mapping[int, type[Frame]] = {kind.number: kind for kind in (Call, CallResult, CallError, CallResultError, Send)}
_SHAPES: Mapping[int, str] = {
    2: "[2, id, action, {payload}]",
    3: "[3, id, {payload}]",
    4: "[4, id, code, description, {details}]",
    5: "[5, id, code, description, {details}]",
    6: "[6, id, action, {payload}]",
}
_LENGTHS = {number: shape.count(",") + 1 for number, shape in _SHAPES.items()}
NUMBERS: Mapping[Version, frozenset[int]] = {
    "1.6": frozenset({2, 3, 4}),
    "2.0.1": frozenset({2, 3, 4}),
    "2.1": frozenset({2, 3, 4, 5, 6}),
}
"""The message type numbers a version knows."""


@dataclass(frozen=True, slots=True)
class FrameFault:
    """Text that is no frame of the version: `reason` says what is wrong at `path`, `expected` what would be right there.

    `number` and `message_id` are what could still be read, None otherwise. `code` is the error code with which a request of
    this kind is answered, as the version spells it.
    """

    reason: str
    expected: str
    path: str = "$"
    number: int | None = None
    message_id: str | None = None
    code: str = codes.RPC_FRAMEWORK_ERROR

    def __str__(self) -> str:
        return f"{self.reason} at {self.path}, expected {self.expected}"


def parse(text: str | bytes, version: Version) -> Frame | FrameFault:
    """The frame that a WebSocket message holds, or what is wrong with it."""
    try:
        found = read_json(text)
        return _frame(found.value, found.fault, version)
    except JsonFault as fault:
        return FrameFault(
            fault.reason, fault.expected, fault.path, code=codes.spelt(codes.RPC_FRAMEWORK_ERROR, version)
        )
    except _NoFrameError as error:
        return replace(error.fault, code=codes.spelt(error.fault.code, version))


def encode(frame: Frame) -> str:
    """The JSON text of a frame; any content that JSON can hold is taken, so that wrong frames can be made too.

    Raises `CodecError` for content that JSON cannot hold.
    """
    if isinstance(frame, (Call, Send)):
        items = [frame.number, frame.message_id, frame.action, frame.payload]
    elif isinstance(frame, CallResult):
        items = [frame.number, frame.message_id, frame.payload]
    elif isinstance(frame, (CallError, CallResultError)):
        items = [frame.number, frame.message_id, frame.code, frame.description, frame.details]
    else:
        raise CodecError(f"{type(frame).__name__} is no OCPP-J frame", expected="a frame of harness.ocppj.frame")
    return write_json(items)


def named(frame: Frame, action: str) -> Frame:
    """The same frame, knowing the action of the request it belongs to."""
    return replace(frame, action=action) if isinstance(frame, (CallResult, CallError, CallResultError)) else frame


class _NoFrameError(Exception):
    def __init__(self, fault: FrameFault) -> None:
        self.fault = fault


def _frame(items: Any, content_fault: JsonFault | None, version: Version) -> Frame:
    if not isinstance(items, list) or not items:
        what = "an empty list" if items == [] else _kind(items)
        raise _NoFrameError(FrameFault(f"the message is {what}", "a list that begins with a message type number"))
    number = _number(items, version)
    message_id = _message_id(items, number)
    if len(items) != _LENGTHS[number]:
        raise _fault(f"the list has {len(items)} elements", _SHAPES[number], "$", number, message_id)
    if content_fault is not None:
        wrong = content_fault.reason, content_fault.expected, content_fault.path
        raise _fault(*wrong, number, message_id, codes.FORMAT_VIOLATION)
    if number in (CallError.number, CallResultError.number):
        _check_error(items, number, message_id, version)
    elif number != CallResult.number and not (isinstance(items[2], str) and items[2]):
        raise _fault(f"the action is {_shown(items[2])}", "the name of a message", "$[2]", number, message_id)
    if not isinstance(items[-1], dict):
        wrong = f"the payload is {_kind(items[-1])}", "an object", f"$[{len(items) - 1}]"
        raise _fault(*wrong, number, message_id, codes.FORMAT_VIOLATION)
    return _KINDS[number](message_id, *items[2:])


def _number(items: list[Any], version: Version) -> int:
    number, known = items[0], NUMBERS[version]
    if type(number) is int and number in known:  # true is no number of JSON
        return number
    what = f"one of {', '.join(map(str, sorted(known)))}"
    if not isinstance(number, int) or isinstance(number, bool):
        raise _NoFrameError(FrameFault(f"the message type is {_shown(number)}", what, "$[0]"))
    readable = items[1] if len(items) > 1 and _is_id(items[1]) else None
    since = " (it exists since OCPP 2.1)" if number in _KINDS else ""
    fault = FrameFault(f"OCPP {version} has no message type {_shown(number)}{since}", what, "$[0]", None, readable)
    raise _NoFrameError(replace(fault, code=codes.MESSAGE_TYPE_NOT_SUPPORTED))


def _message_id(items: list[Any], number: int) -> str:
    if len(items) < 2:
        raise _NoFrameError(FrameFault("the list has 1 element", _SHAPES[number], "$", number))
    message_id = items[1]
    if _is_id(message_id):
        return str(message_id)
    what = f"a string of at most {ID_LENGTH} characters"
    if not isinstance(message_id, str):
        raise _NoFrameError(FrameFault(f"the message id is {_shown(message_id)}", what, "$[1]", number))
    raise _NoFrameError(FrameFault(f"the message id has {len(message_id)} characters", what, "$[1]", number))


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= ID_LENGTH


def _check_error(items: list[Any], number: int, message_id: str, version: Version) -> None:
    for place, what in ((2, "error code"), (3, "error description")):
        if not isinstance(items[place], str):
            raise _fault(f"the {what} is {_shown(items[place])}", "a string", f"$[{place}]", number, message_id)
    length = len(items[3])
    if version != "1.6" and length > DESCRIPTION_LENGTH:  # 1.6 sets no limit
        what = f"the error description has {length} characters"
        raise _fault(what, f"at most {DESCRIPTION_LENGTH}", "$[3]", number, message_id)


def _fault(
    reason: str, expected: str, path: str, number: int, message_id: str, code: str = codes.RPC_FRAMEWORK_ERROR
) -> _NoFrameError:
    return _NoFrameError(FrameFault(reason, expected, path, number, message_id, code))


_JSON_KINDS = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}


def _kind(value: Any) -> str:
    return _JSON_KINDS.get(type(value), "a number")


def _shown(value: Any, longest: int = 60) -> str:
    """A value in a sentence, short enough to be read."""
    if isinstance(value, (dict, list)):
        return _kind(value)
    text = write_json(value)
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
