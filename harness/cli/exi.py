"""`v2x-harness exi`: octets to XML and back, one message at a time or as JSON lines."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from typing import Any, TextIO

from harness.errors import CodecError
from harness.exi import Codec, StreamKind, codec_for, from_xml, to_xml
from harness.messages import SCHEMAS

OK, FAILED, USAGE = 0, 1, 3
KINDS: tuple[StreamKind, ...] = ("document", "fragment")


def main(argv: list[str]) -> int:
    """Run the command; 0 done, 1 the input cannot be coded (the reason goes to stderr), 3 wrong arguments."""
    try:
        arguments = _parser().parse_intermixed_args(argv)  # options may stand between direction and input
    except SystemExit as leave:
        return USAGE if leave.code else OK
    if arguments.batch:
        return _batch(arguments.direction, sys.stdin, sys.stdout)
    if arguments.schema is None:
        print(f"exi: --schema is missing; one of {', '.join(SCHEMAS)}", file=sys.stderr)
        return USAGE
    return _single(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="v2x-harness exi",
        description="Encode XML to EXI (printed as hex), or decode EXI (given as hex) to XML, for ISO 15118-20.",
    )
    parser.add_argument("direction", choices=["encode", "decode"])
    parser.add_argument("input", nargs="?", default="-", help="hex or XML; - or nothing reads standard input")
    parser.add_argument(
        "--schema", choices=list(SCHEMAS), help="the schema set, known on the wire from the payload type"
    )
    parser.add_argument(
        "--kind", choices=KINDS, default="document", help="fragment: octets that are digested or signed"
    )
    parser.add_argument("--root", help="the root element that must be there")
    parser.add_argument(
        "--batch",
        action="store_true",
        help="read JSON lines {schema, kind, root, exi} or {schema, kind, root, xml}; write one JSON line for each",
    )
    return parser


def _single(arguments: argparse.Namespace) -> int:
    text = sys.stdin.read() if arguments.input == "-" else arguments.input
    codec = codec_for(SCHEMAS[arguments.schema])
    convert = _decoded if arguments.direction == "decode" else _encoded
    try:
        print(convert(codec, text, arguments.kind, arguments.root))
    except CodecError as error:
        print(f"exi: {error}", file=sys.stderr)
        return FAILED
    return OK


def _decoded(codec: Codec, text: str, kind: StreamKind, root: str | None) -> str:
    """The XML of octets in hex."""
    try:
        octets = bytes.fromhex(text)
    except ValueError:
        raise CodecError("the input is not hex", expected="two hex digits for each octet") from None
    element = codec.decode_element(octets, kind)
    _check_root(element.name, root)
    return to_xml(codec, element, kind)


def _encoded(codec: Codec, text: str, kind: StreamKind, root: str | None) -> str:
    """The octets, in hex, of XML."""
    element = from_xml(codec, text, kind)
    _check_root(element.name, root)
    return codec.encode(element, kind).hex()


def _check_root(found: str, wanted: str | None) -> None:
    if wanted is not None and found != wanted:
        raise CodecError(f"the root element is {found}", path=found, expected=wanted)


def _batch(direction: str, lines: Iterable[str], out: TextIO) -> int:
    """One JSON line out for each JSON line in, in order; a line that fails says why and the next one is read."""
    for line in lines:
        if line.strip():
            print(json.dumps(_answer(direction, line)), file=out, flush=True)
    return OK


def _answer(direction: str, line: str) -> dict[str, Any]:
    try:
        schema, kind, root, text = _request(direction, line)
        codec = codec_for(SCHEMAS[schema])
        if direction == "decode":
            return {"xml": _decoded(codec, text, kind, root)}
        return {"exi": _encoded(codec, text, kind, root)}
    except CodecError as error:
        reason = {"message": error.message, "path": error.path, "bit": error.bit, "expected": error.expected}
        return {"error": reason}


def _request(direction: str, line: str) -> tuple[str, StreamKind, str | None, str]:
    """The fields of one line, checked."""
    try:
        request = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise CodecError(f"not JSON: {error}", expected="one JSON object on a line") from None
    if not isinstance(request, dict):
        raise CodecError(f"a JSON {type(request).__name__}", expected="one JSON object on a line")
    schema, kind, root = request.get("schema"), request.get("kind") or "document", request.get("root")
    if not isinstance(schema, str) or schema not in SCHEMAS:
        raise CodecError(f"schema {schema!r:.40} is unknown", expected=", ".join(SCHEMAS))
    if kind not in KINDS:
        raise CodecError(f"kind {kind!r:.40} is unknown", expected=" or ".join(KINDS))
    if root is not None and not isinstance(root, str):
        raise CodecError(f"root {root!r:.40} is no name", expected="the name of an element")
    field = "exi" if direction == "decode" else "xml"
    text = request.get(field)
    if not isinstance(text, str):
        raise CodecError(f"{field} is missing or no string", expected=f'"{field}": a string')
    return schema, kind, root, text
