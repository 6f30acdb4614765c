"""Documents and fragments: header, root element, padding. The only place where a fault becomes a `CodecError`."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from harness.declare import Element, Kind, Schema, is_abstract, schema_named
from harness.errors import CodecError
from harness.exi.bits import Fault, code, code_width, to_bits, to_octets, truncated
from harness.exi.decoder import Decoder
from harness.exi.encoder import Encoder
from harness.exi.grammar import Grammar
from harness.exi.names import Names

StreamKind = Literal["document", "fragment"]
HEADER = "10000000"  # no cookie, no options, version 1 final


class Codec:
    """EXI for one schema set: schema-informed, bit-packed, non-strict, no string table, nothing preserved.

    Compiled when first used and stateless afterwards; get it from `codec_for`.
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.grammar = Grammar(schema)
        names = Names(schema)
        self._encoder = Encoder(self.grammar, names)
        self._decoder = Decoder(self.grammar, names)
        self._roots: dict[str, _Roots] = {
            "document": _Roots({(e.name, e.namespace): frozenset({e.kind}) for e in schema.elements}, spare=1),
            "fragment": _Roots(dict(schema.element_kinds), spare=2),
        }

    def encode(self, message: Any, kind: StreamKind = "document", element: str | None = None) -> bytes:
        """Octets of a message, of a signed part (as fragment), or of an `Element`.

        `element` names the root where the class alone does not. Raises `CodecError` with the path of whatever the
        schema does not allow.
        """
        named = self.name(message, kind, element)
        try:
            return self._encode(named, self._roots[kind], kind)
        except Fault as fault:
            raise codec_error(fault.inside(named.name)) from None

    def decode(self, octets: bytes, kind: StreamKind = "document") -> Any:
        """The message (or fragment value) in the octets; raises `CodecError` with path, bit offset and expectation."""
        return self.decode_element(octets, kind).value

    def decode_element(self, octets: bytes, kind: StreamKind = "document") -> Element:
        """As `decode`, with the name of the root element."""
        try:
            return self._decode(to_bits(bytes(octets)), self._roots[kind], kind)
        except Fault as fault:
            raise codec_error(fault) from None

    def name(self, message: Any, kind: StreamKind = "document", element: str | None = None) -> Element:
        """The message with the name of its root element."""
        if isinstance(message, Element):
            return message
        roots = self._roots[kind]
        found = [n for n in roots.by_kind.get(type(message), []) if element is None or n[0] == element]
        if element is not None and not found:
            found = [n for n in roots.codes if n[0] == element]
        if len(found) == 1:
            return Element(*found[0], message)
        raise CodecError(
            f"{type(message).__name__} stands for {len(found) or 'no'} root elements of a {kind} in {self.schema.name}",
            path=element or type(message).__name__,
            expected="a message of the set, or a root named by `element`",
        )

    def root_kind(self, name: str, namespace: str, kind: StreamKind = "document") -> Kind:
        """The declared kind of a root element; raises `CodecError` for what cannot be a root."""
        try:
            return self._roots[kind].kind_of((name, namespace), None)
        except Fault as fault:
            raise codec_error(fault.inside(name)) from None

    def _encode(self, root: Element, roots: _Roots, kind: StreamKind) -> bytes:
        write = self._encoder.element(roots.kind_of((root.name, root.namespace), None))
        pieces = [HEADER, roots.codes[root.name, root.namespace]]
        write(root.value, pieces.append, 0)
        if kind == "fragment":
            pieces.append(roots.end)
        return to_octets("".join(pieces))

    def _decode(self, bits: str, roots: _Roots, kind: StreamKind) -> Element:
        if bits[:8] != HEADER:
            raise Fault(f"EXI header {bits[:8] or 'missing'}", expected=f"{HEADER} (80)", bit=0)
        (name, namespace), at = roots.read(bits, 8)
        try:
            read = self._decoder.element(roots.kind_of((name, namespace), 8))
            value, at = read(bits, at, 0)
        except Fault as fault:
            raise fault.inside(name) from None
        if kind == "fragment":
            at = _expect(bits, at, roots.end, "end of the fragment")
        if len(bits) - at > 7 or "1" in bits[at:]:
            raise Fault(f"{len(bits) - at} bits follow the end", expected="zero bits to the end of the octet", bit=at)
        return Element(name, namespace, value)


class _Roots:
    """The numbered root elements of documents or fragments; `spare` codes follow them (SE(*), and ED in fragments)."""

    def __init__(self, kinds: dict[tuple[str, str], frozenset[Kind]], spare: int) -> None:
        self.width = code_width(len(kinds) + spare)
        self.kinds = kinds
        self.codes = {name: code(index, self.width) for index, name in enumerate(kinds)}
        self.names = {bits: name for name, bits in self.codes.items()}
        self.end = code(len(kinds) + spare - 1, self.width)
        self.by_kind: dict[type, list[tuple[str, str]]] = {}
        for name, found in kinds.items():
            for kind in found:
                if isinstance(kind, type):
                    self.by_kind.setdefault(kind, []).append(name)

    def kind_of(self, name: tuple[str, str], bit: int | None) -> Kind:
        """The one kind of a root element."""
        found = self.kinds.get(name)
        if found is None:
            raise Fault(f"{{{name[1]}}}{name[0]} is unknown as a root", expected="an element of the set", bit=bit)
        if len(found) > 1:
            raise Fault(f"{name[0]} has {len(found)} types in the set", expected="an element of one type", bit=bit)
        (kind,) = found
        if is_abstract(kind):
            raise Fault(f"{name[0]} is abstract", expected="a member of its substitution group", bit=bit)
        return kind

    def read(self, bits: str, at: int) -> tuple[tuple[str, str], int]:
        """Read the code of the root element."""
        piece = bits[at : at + self.width]
        name = self.names.get(piece)
        if name is not None:
            return name, at + self.width
        expected = f"root code 0..{len(self.names) - 1}"
        if len(piece) < self.width:
            raise truncated(bits, at, expected)
        raise Fault(f"root code {int(piece, 2)}", expected=expected, bit=at)


def _expect(bits: str, at: int, wanted: str, what: str) -> int:
    """Read a fixed code."""
    end = at + len(wanted)
    if bits[at:end] == wanted:
        return end
    if len(bits) < end:
        raise truncated(bits, at, what)
    raise Fault(f"code {int(bits[at:end], 2)}", expected=f"code {int(wanted, 2)}, the {what}", bit=at)


def codec_error(fault: Fault) -> CodecError:
    """The public form of a fault."""
    return CodecError(fault.message, path=".".join(fault.path), bit=fault.bit, expected=fault.expected)


@cache
def _compiled(schema: Schema) -> Codec:
    return Codec(schema)


def codec_for(schema: Schema | str) -> Codec:
    """The codec of a schema set, by the schema or its name (``DC``); the declarations must have been imported."""
    return _compiled(schema_named(schema) if isinstance(schema, str) else schema)
