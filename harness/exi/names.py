"""Qualified names inside wildcards: URI and local name, numbered by what the schema set declares (EXI 1.0, 7.1)."""

from __future__ import annotations

from harness.declare import GlobalElement, Schema
from harness.exi.bits import Fault, code, code_width, truncated
from harness.exi.values import read_characters, read_unsigned

FIXED_URIS = (
    "",
    "http://www.w3.org/XML/1998/namespace",
    "http://www.w3.org/2001/XMLSchema-instance",
    "http://www.w3.org/2001/XMLSchema",
)
LONGEST_NAME = 256


class Names:
    """The URI and local-name tables of a schema set, as they stand before any stream adds to them."""

    def __init__(self, schema: Schema) -> None:
        self.known = {(e.namespace, e.name): e for e in schema.elements}
        self.uris = [*FIXED_URIS, *(namespace.uri for namespace in schema.namespaces)]
        self.uri_width = code_width(len(self.uris) + 1)
        self.locals = {namespace.uri: namespace.names for namespace in schema.namespaces}

    def encode(self, namespace: str, name: str) -> str:
        """The bits of the name of a global element."""
        if (namespace, name) not in self.known:
            raise Fault(f"{{{namespace}}}{name} is unknown to the schema", expected="a global element of the set")
        names = self.locals[namespace]
        index = code(names.index(name), code_width(len(names)))
        return code(self.uris.index(namespace) + 1, self.uri_width) + "00000000" + index

    def decode(self, bits: str, at: int) -> tuple[GlobalElement, int]:
        """Read a name; only global elements of the set are taken."""
        namespace, following = self._uri(bits, at)
        name, end = self._local(bits, following, namespace)
        element = self.known.get((namespace, name))
        if element is None:
            raise Fault(
                f"element {{{namespace}}}{name} is unknown to the schema",
                expected="a global element of the set",
                bit=at,
            )
        return element, end

    def _uri(self, bits: str, at: int) -> tuple[str, int]:
        end = at + self.uri_width
        piece = bits[at:end]
        if len(piece) < self.uri_width:
            raise truncated(bits, at, "a namespace")
        index = int(piece, 2)
        if index == 0:
            raise Fault("a namespace outside the schema set", expected="a namespace of the set", bit=at)
        if index > len(self.uris):
            raise Fault(f"code {index} stands for no namespace", expected=f"1..{len(self.uris)}", bit=at)
        return self.uris[index - 1], end

    def _local(self, bits: str, at: int, namespace: str) -> tuple[str, int]:
        length, start = read_unsigned(bits, at)
        if length:
            if length - 1 > LONGEST_NAME:
                raise Fault(f"a name of {length - 1} characters", expected=f"at most {LONGEST_NAME}", bit=at)
            return read_characters(bits, start, length - 1)
        names = self.locals.get(namespace)
        if not names:
            raise Fault(f"no names are known in namespace {namespace!r}", expected="a namespace of the set", bit=at)
        width = code_width(len(names))
        piece = bits[start : start + width]
        if len(piece) < width:
            raise truncated(bits, start, "a name")
        index = int(piece, 2)
        if index >= len(names):
            raise Fault(f"code {index} stands for no name", expected=f"0..{len(names) - 1}", bit=start)
        return names[index], start + width
