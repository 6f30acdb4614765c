"""V2G messages on a stream: V2GTP frames around EXI documents.

Here, and only here, frames, the EXI codec and the message declarations meet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from harness.errors import CodecError
from harness.exi import codec_for
from harness.link.link import Frame
from harness.messages import SCHEMAS
from harness.v2g.v2gtp import MAIN_STREAM, Reassembler, V2gtpFault, V2gtpFrame, frame, name_of, schema_of

HEADER_PATH = "V2GTP header"
"""The path of a `CodecError` about the header rather than the message behind it."""

_STREAM_OF: dict[type, str] = {}
"""Message class to the schema that sends it; AC messages belong to AC although the DER sets carry them too."""
for _name in MAIN_STREAM:
    for _kind in SCHEMAS[_name].messages:
        _STREAM_OF.setdefault(_kind, _name)


class V2gCodec:
    """Implements `harness.link.link.Codec` for one connection.

    Facts of a frame: `payload_type` (number) and `stream` (its name). A header that breaks V2GTP, a payload type that
    carries no message here, and undecodable EXI come out as a `CodecError` in place of the message.
    """

    def __init__(self) -> None:
        self._reassembler = Reassembler()

    @property
    def rest(self) -> bytes:
        return self._reassembler.rest

    def encode(self, message: Any) -> bytes:
        schema = stream_of(message)
        return frame(MAIN_STREAM[schema], codec_for(SCHEMAS[schema]).encode(message))

    def facts(self, message: Any) -> Mapping[str, Any]:
        return _facts(MAIN_STREAM[stream_of(message)])

    def feed(self, octets: bytes) -> Iterable[Frame]:
        return [_read(found) for found in self._reassembler.feed(octets)]


def stream_of(message: Any) -> str:
    """The schema that carries a message in the main stream; raises `CodecError` for what is no V2G message."""
    try:
        return _STREAM_OF[type(message)]
    except KeyError:
        raise CodecError(
            f"{type(message).__name__} is no V2G message", expected="a message of harness.messages"
        ) from None


def _read(found: V2gtpFrame | V2gtpFault) -> Frame:
    if isinstance(found, V2gtpFault):
        return Frame(found.octets, CodecError(found.reason, path=HEADER_PATH, expected="a V2GTP frame"))
    facts = _facts(found.payload_type)
    schema = schema_of(found.payload_type)
    if schema is None:
        refused = CodecError(f"payload type {name_of(found.payload_type)} carries no message", path=HEADER_PATH)
        return Frame(found.octets, refused, facts)
    try:
        message = codec_for(SCHEMAS[schema]).decode(found.payload)
    except CodecError as error:
        return Frame(found.octets, error, facts)
    return Frame(found.octets, message, facts)


def _facts(payload_type: int) -> Mapping[str, Any]:
    return {"payload_type": payload_type, "stream": name_of(payload_type)}
