"""The neutral text form of EXI: XML with the namespaces of the standard, written from and read into declared values.

Reading walks the same states as the codec, so a wrong order or a missing element is found here, with its path. Input may
use any prefixes and white space between elements; a DOCTYPE is refused.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from harness.declare import (
    BinaryKind,
    BooleanKind,
    Element,
    EnumerationKind,
    Field,
    IntegerKind,
    Kind,
    Schema,
    SimpleKind,
    fields_of,
)
from harness.exi.bits import Fault, listing
from harness.exi.codec import Codec, StreamKind, codec_error
from harness.exi.encoder import DEEPEST, missing, offers
from harness.exi.grammar import Place, Production, State, sendable

XSI = "http://www.w3.org/2001/XMLSchema-instance"
LOCATION_HINTS = {f"{{{XSI}}}schemaLocation", f"{{{XSI}}}noNamespaceSchemaLocation"}
LONGEST_NUMBER = 400  # characters of an integer: enough for 1024 bits with sign
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
IN_TEXT = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("\r"): "&#13;"}
IN_ATTRIBUTE = {**IN_TEXT, ord('"'): "&quot;", ord("\t"): "&#9;", ord("\n"): "&#10;"}


# --- writing ----------------------------------------------------------------------------------------------------------


def to_xml(codec: Codec, root: Element, kind: StreamKind = "document") -> str:
    """The XML of a root element as `Codec.decode_element` gives it; namespaces are declared where first used."""
    declared = codec.root_kind(root.name, root.namespace, kind)
    return "".join(_Writer(codec.schema).element(root.name, root.namespace, declared, root.value, frozenset({""})))


class _Writer:
    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.prefixes = {namespace.uri: namespace.prefix for namespace in schema.namespaces}

    def element(self, name: str, uri: str, kind: Kind, value: Any, scope: frozenset[str]) -> Iterator[str]:
        """One element with all below it; `scope` are the namespaces declared around it."""
        tag = self._qualified(name, uri)
        inner = scope | {uri}
        declaration = "" if uri in scope else f' xmlns:{self.prefixes[uri]}="{uri}"'
        if not isinstance(kind, type):
            yield from _enclosed(tag, declaration, [_escaped(format_simple(kind, value), IN_TEXT)])
            return
        attributes = declaration
        pieces: list[str] = []
        for found in fields_of(kind):
            item = getattr(value, found.name)
            if item is None:
                continue
            if found.place == "attribute":
                attributes += self._attribute(found, item)
            else:
                pieces.extend(self._field(found, item, inner))
        yield from _enclosed(tag, attributes, pieces)

    def _field(self, found: Field, item: Any, scope: frozenset[str]) -> Iterator[str]:
        """The element or elements, or the text, of one field."""
        if found.place == "text":
            assert not isinstance(found.kind, type)
            yield _escaped(format_simple(found.kind, item), IN_TEXT)
        elif found.content is not None:
            for child in item:
                yield from self._open(child, scope)
        elif found.head is not None:
            member = self.schema.element_of(type(item))
            assert member is not None
            yield from self.element(member.name, member.namespace, type(item), item, scope)
        else:
            for each in item if found.repeated else (item,):
                yield from self.element(found.name, found.namespace, found.kind, each, scope)

    def _open(self, child: Element | str, scope: frozenset[str]) -> Iterator[str]:
        """A child of open content: text, a global element, or a local one of the declared model."""
        if isinstance(child, str):
            yield _escaped(child, IN_TEXT)
            return
        (kind,) = self.schema.element_kinds[child.name, child.namespace]
        yield from self.element(child.name, child.namespace, kind, child.value, scope)

    def _attribute(self, found: Field, value: Any) -> str:
        """Attributes are in no namespace or in that of their element, whose prefix is declared."""
        assert not isinstance(found.kind, type)
        name = self._qualified(found.name, found.namespace)
        return f' {name}="{_escaped(format_simple(found.kind, value), IN_ATTRIBUTE)}"'

    def _qualified(self, name: str, uri: str) -> str:
        return f"{self.prefixes[uri]}:{name}" if uri else name


def _enclosed(tag: str, attributes: str, pieces: list[str]) -> Iterator[str]:
    if any(pieces):
        yield f"<{tag}{attributes}>"
        yield from pieces
        yield f"</{tag}>"
    else:
        yield f"<{tag}{attributes}/>"


def _escaped(value: str, replacements: dict[int, str]) -> str:
    return value.translate(replacements)


def format_simple(kind: SimpleKind, value: Any) -> str:
    """The text of a value of simple type."""
    match kind:
        case BooleanKind():
            return "true" if value else "false"
        case EnumerationKind():
            return str(value.value)
        case BinaryKind(hexadecimal=True):
            return str(value.hex().upper())
        case BinaryKind():
            return base64.b64encode(value).decode("ascii")
        case _:
            return str(value)


# --- reading ----------------------------------------------------------------------------------------------------------


def from_xml(codec: Codec, text: str, kind: StreamKind = "document") -> Element:
    """The root element in XML text; raises `CodecError` with the path of what the schema does not allow."""
    try:
        tree = _parsed(text)
        uri, name = _split(tree.tag)
        declared = codec.root_kind(name, uri, kind)
        try:
            return Element(name, uri, _Reader(codec).value(tree, declared, 0))
        except Fault as fault:
            raise fault.inside(name) from None
    except Fault as fault:
        raise codec_error(fault) from None


class _NoDoctype(ElementTree.TreeBuilder):
    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:  # noqa: ARG002 - called by the parser
        raise Fault("a DOCTYPE is not read", expected="XML without document type")


def _parsed(text: str) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(text.strip(), ElementTree.XMLParser(target=_NoDoctype()))
    except (ElementTree.ParseError, UnicodeError, ValueError) as error:
        raise Fault(f"not well-formed XML: {error}", expected="one XML element") from None


def _split(tag: str) -> tuple[str, str]:
    """Namespace and local name of a name in Clark notation."""
    uri, _, name = tag.rpartition("}")
    return uri.lstrip("{"), name


class _Reader:
    def __init__(self, codec: Codec) -> None:
        self.codec = codec
        self.globals = {(e.namespace, e.name): e for e in codec.schema.elements}

    def value(self, tree: ElementTree.Element, kind: Kind, depth: int) -> Any:
        """The value of an element of a declared kind."""
        if isinstance(kind, type):
            return _Walk(self, kind, depth).read(tree)
        unknown = [name for name in tree.attrib if name not in LOCATION_HINTS]
        if unknown or len(tree):
            raise Fault(f"{_split((unknown or [tree[0].tag])[0])[1]} is not allowed here", expected="text only")
        return parse_simple(kind, tree.text or "")

    def through_wildcard(self, tree: ElementTree.Element, depth: int) -> Element:
        """A global element that a wildcard lets through."""
        uri, name = _split(tree.tag)
        found = self.globals.get((uri, name))
        if found is None or found.abstract:
            raise Fault("unknown to the schema", expected="a global element of the set")
        if depth >= DEEPEST:
            raise Fault("elements are nested too deeply", expected=f"at most {DEEPEST} levels")
        return Element(name, uri, self.value(tree, found.kind, depth + 1))


class _Walk:
    """Reads one element of complex type, from state to state."""

    def __init__(self, reader: _Reader, cls: type, depth: int) -> None:
        self.reader, self.cls, self.depth = reader, cls, depth
        self.state = reader.codec.grammar.start(cls)
        self.opened = any(f.content is not None for f in fields_of(cls))
        self.values: dict[str, Any] = {}

    def read(self, tree: ElementTree.Element) -> Any:
        """The value with everything below it."""
        for tag in sorted(tree.attrib, key=lambda tag: _split(tag)[::-1]):
            if tag not in LOCATION_HINTS:
                self._attribute(tag, tree.attrib[tag])
        self._text(tree.text, alone=len(tree) == 0)
        for child in tree:
            self._child(child)
            self._text(child.tail, alone=False)
        if not any(p.event.place is Place.END for p in self.state.productions):
            raise missing(self.state)
        lists = {name: tuple(value) for name, value in self.values.items() if isinstance(value, list)}
        if self.opened:
            lists.setdefault("content", ())
        return self.cls(**{**self.values, **lists})

    def _attribute(self, tag: str, text: str) -> None:
        production = _named(self.state, Place.ATTRIBUTE, *_split(tag))
        label = "@" + _split(tag)[1]
        if production is None or production.event.kind is None or isinstance(production.event.kind, type):
            raise Fault("not allowed here", expected=offers(self.state)).inside(label)
        try:
            self._take(production, parse_simple(production.event.kind, text))
        except Fault as fault:
            raise fault.inside(label) from None

    def _child(self, child: ElementTree.Element) -> None:
        uri, name = _split(child.tag)
        production = _named(self.state, Place.ELEMENT, uri, name) or _placed(self.state, Place.WILDCARD)
        if production is None or not sendable(production.event):
            raise Fault("not allowed here", expected=offers(self.state)).inside(name)
        before = self.values.get(production.event.field)
        label = f"{name}[{len(before)}]" if isinstance(before, list) and not self.opened else name
        try:
            self._take(production, self._value(production, child))
        except Fault as fault:
            raise fault.inside(label) from None

    def _value(self, production: Production, child: ElementTree.Element) -> Any:
        event = production.event
        if event.place is Place.WILDCARD:
            return self.reader.through_wildcard(child, self.depth)
        assert event.kind is not None
        value = self.reader.value(child, event.kind, self.depth)
        return Element(event.name, event.namespace, value) if event.opened else value

    def _text(self, text: str | None, *, alone: bool) -> None:
        """Text is a value, a part of mixed content, or white space between elements."""
        production = _placed(self.state, Place.CHARACTERS)
        if production is not None and not production.event.opened:
            assert production.event.kind is not None and not isinstance(production.event.kind, type)
            self._take(production, parse_simple(production.event.kind, text or ""))
        elif text and (text.strip() or (alone and production is not None)):
            if production is None:
                raise Fault(f"text {text.strip():.40} is not allowed here", expected=offers(self.state))
            self._take(production, text)

    def _take(self, production: Production, value: Any) -> None:
        """Keep a value and go on to the next state."""
        field = production.event.field
        if production.limit == 1:
            self.values[field] = value
            self.state = production.target
        else:
            items = self.values.setdefault(field, [])
            items.append(value)
            self.state = production.full if len(items) == production.limit else production.target


def _named(state: State, place: Place, uri: str, name: str) -> Production | None:
    """The production of a named element or attribute."""
    for production in state.productions:
        event = production.event
        if event.place is place and event.name == name and event.namespace == uri:
            return production
    return None


def _placed(state: State, place: Place) -> Production | None:
    """The production of an event that has no name."""
    return next((p for p in state.productions if p.event.place is place), None)


def parse_simple(kind: SimpleKind, text: str) -> Any:
    """The value of a simple type in XML text; ranges and lengths are left to the encoder."""
    word = text.strip()
    match kind:
        case BooleanKind():
            if word not in BOOLEANS:
                raise Fault(f"{word!r:.40} is no boolean", expected="true or false")
            return BOOLEANS[word]
        case EnumerationKind(members):
            found = {str(member.value): member for member in members}
            if word not in found:
                raise Fault(f"{word!r:.40} is no {members.__name__}", expected=listing(found))
            return found[word]
        case IntegerKind():
            if not re.fullmatch("[+-]?[0-9]+", word) or len(word) > LONGEST_NUMBER:
                raise Fault(f"{word!r:.40} is no integer", expected="an integer")
            return int(word)
        case BinaryKind(hexadecimal=hexadecimal):
            return _parse_binary(word, hexadecimal)
        case _:
            return text


def _parse_binary(word: str, hexadecimal: bool) -> bytes:
    compact = "".join(word.split())
    try:
        return bytes.fromhex(compact) if hexadecimal else base64.b64decode(compact, validate=True)
    except (ValueError, binascii.Error):
        form = "hexadecimal octets" if hexadecimal else "base64"
        raise Fault(f"{word!r:.40} is not {form}", expected=form) from None
