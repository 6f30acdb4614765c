"""Bits to values: every declared type is compiled once into a closure that walks its states.

Robust against any input: every length is checked against the bits that are left before anything is allocated, nesting is
bounded, and each step consumes at least one bit.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from harness.declare import Element, GlobalElement, Kind, SimpleKind, fields_of
from harness.exi.bits import Fault, truncated
from harness.exi.encoder import DEEPEST, flat_fields, offers
from harness.exi.grammar import Event, Grammar, Place, Production, State, sendable
from harness.exi.names import Names
from harness.exi.values import Decode, values_of

Read = Callable[[str, int, int], tuple[Any, int]]
UNDECLARED_END = "000"  # first code of the second level where the first level has no end of element


class Row:
    """A state as the decoder wants it: what each code stands for."""

    __slots__ = ("state", "table", "width")

    def __init__(self, state: State) -> None:
        self.state = state
        self.width = state.width
        self.table: dict[str, tuple[Read | None, str, Row, int | None, Row, Event]] = {}


class Decoder:
    """Readers of all types of one schema set, compiled when first needed."""

    def __init__(self, grammar: Grammar, names: Names) -> None:
        self.grammar = grammar
        self.names = names

    @cache  # noqa: B019 - a decoder lives as long as the process
    def element(self, kind: Kind) -> Read:
        """Reads the content and the end of an element of the given kind."""
        if not isinstance(kind, type):
            return _simple_element(kind)
        flat = flat_fields(kind)
        full = self._complex(kind)
        if not flat:
            return full
        return _flat(kind, [(f.name, values_of(f.kind).decode) for f in flat if not isinstance(f.kind, type)], full)

    def _complex(self, cls: type) -> Read:
        """The reader of a type, code by code through its states."""
        start = self._rows(self.grammar.start(cls))
        lists = [f.name for f in fields_of(cls) if f.repeated or f.content is not None]

        def read(bits: str, at: int, depth: int) -> tuple[Any, int]:
            values: dict[str, Any] = {}
            row = start
            while True:
                end = at + row.width
                step = row.table.get(bits[at:end])
                if step is None:
                    at = _empty_text(row, bits, at, values)
                    break
                item, field, following, limit, full, event = step
                if item is None:
                    at = end
                    break
                try:
                    value, at = item(bits, end, depth)
                except Fault as fault:
                    raise fault.inside(_label(event, values)) from None
                if limit == 1:
                    values[field] = value
                    row = following
                else:
                    items = values.setdefault(field, [])
                    items.append(value)
                    row = full if len(items) == limit else following
            for field in lists:
                if field in values:
                    values[field] = tuple(values[field])
            if "content" in lists:
                values.setdefault("content", ())
            return cls(**values), at

        return read

    def _rows(self, start: State) -> Row:
        """Rows for all states that can be reached."""
        rows: dict[State, Row] = {}

        def row(state: State) -> Row:
            if state not in rows:
                made = rows[state] = Row(state)
                for production in state.productions:
                    read, event = self._read(production), production.event
                    target, full = row(production.target), row(production.full)
                    made.table[production.code] = (read, event.field, target, production.limit, full, event)
            return rows[state]

        return row(start)

    def _read(self, production: Production) -> Read | None:
        """What reads the value of an event, after its code; None at the end of the element."""
        event = production.event
        if event.place is Place.END:
            return None
        if event.place is Place.WILDCARD:
            return self._wildcard
        assert event.kind is not None
        if not sendable(event):
            return _abstract(event.name)
        if event.place is Place.ELEMENT:
            read = self.element(event.kind)
            return _named(read, event) if event.opened else read
        return _plain(event.kind)

    def _wildcard(self, bits: str, at: int, depth: int) -> tuple[Element, int]:
        """An element that a wildcard lets through: its name, then its own grammar."""
        if depth >= DEEPEST:
            raise Fault("elements are nested too deeply", expected=f"at most {DEEPEST} levels", bit=at)
        element, start = self.names.decode(bits, at)
        value, end = self.global_element(element)(bits, start, depth + 1)
        return Element(element.name, element.namespace, value), end

    def global_element(self, element: GlobalElement) -> Read:
        """The reader of a global element; the abstract head of a group has none."""
        return _abstract(element.name) if element.abstract else self.element(element.kind)


def _abstract(name: str) -> Read:
    def read(bits: str, at: int, depth: int) -> tuple[Any, int]:  # noqa: ARG001 - one signature for all readers
        raise Fault(f"{name} is abstract", expected="a member of its substitution group", bit=at)

    return read


def _simple_element(kind: SimpleKind) -> Read:
    """An element of simple type: characters, value, end.

    Encoders that are fed XML write an empty element without characters, as an end that the schema does not declare.
    """
    values = values_of(kind)
    decode, empty = values.decode, values.empty

    def read(bits: str, at: int, depth: int) -> tuple[Any, int]:  # noqa: ARG001 - one signature for all readers
        if bits[at : at + 1] != "0":
            return _undeclared_end(bits, at, empty)
        value, at = decode(bits, at + 1)
        if bits[at : at + 1] != "0":
            raise _unexpected(bits, at, 1, "the end of the element (0)")
        return value, at + 1

    return read


def _undeclared_end(bits: str, at: int, empty: Any) -> tuple[Any, int]:
    if empty is not None and bits[at : at + 4] == "1" + UNDECLARED_END:
        return empty, at + 4
    raise _unexpected(bits, at, 1, "a value (0)")


def _plain(kind: Kind) -> Read:
    """A value that is not wrapped in an element: an attribute or characters."""
    assert not isinstance(kind, type)
    decode = values_of(kind).decode

    def read(bits: str, at: int, depth: int) -> tuple[Any, int]:  # noqa: ARG001 - one signature for all readers
        return decode(bits, at)

    return read


def _named(read: Read, event: Event) -> Read:
    """A child of open content keeps its own name."""

    def wrapped(bits: str, at: int, depth: int) -> tuple[Element, int]:
        value, end = read(bits, at, depth)
        return Element(event.name, event.namespace, value), end

    return wrapped


def _flat(cls: type, fields: list[tuple[str, Decode]], full: Read) -> Read:
    """Without options every code is a 0 known beforehand: RationalNumberType and its like are read in one go.

    Whatever deviates is left to the full reader, which knows what may stand there and how to say what is wrong.
    """

    *leading, (last_name, last_decode) = fields

    def read(bits: str, start: int, depth: int) -> tuple[Any, int]:
        if bits[start : start + 2] != "00":
            return full(bits, start, depth)
        values, at = {}, start + 2
        try:
            for name, decode in leading:
                values[name], at = decode(bits, at)
                if bits[at : at + 3] != "000":  # end of this element, start of the next, characters
                    return full(bits, start, depth)
                at += 3
            values[last_name], at = last_decode(bits, at)
        except Fault:
            return full(bits, start, depth)
        if bits[at : at + 2] != "00":
            return full(bits, start, depth)
        return cls(**values), at + 2

    return read


def _empty_text(row: Row, bits: str, at: int, values: dict[str, Any]) -> int:
    """No production has this code: an element without its text, or an error."""
    end = at + row.width
    texts = [p.event for p in row.state.productions if p.event.place is Place.CHARACTERS and not p.event.opened]
    if texts and bits[at:end] == row.state.escape and bits[end : end + 3] == UNDECLARED_END:
        kind = texts[0].kind
        empty = values_of(kind).empty if kind is not None and not isinstance(kind, type) else None
        if empty is not None:
            values[texts[0].field] = empty
            return end + 3
    raise _unexpected(bits, at, row.width, f"0..{len(row.state.productions) - 1} ({offers(row.state)})")


def _unexpected(bits: str, at: int, width: int, expected: str) -> Fault:
    """The fault of a code that no production has."""
    piece = bits[at : at + width]
    if len(piece) < width:
        return truncated(bits, at, f"code {expected}")
    return Fault(f"code {int(piece, 2)}", expected=f"code {expected}", bit=at)


def _label(event: Event, values: dict[str, Any]) -> str:
    """The name of an item in an error path, with its index in a list."""
    if event.opened or not isinstance(values.get(event.field), list):
        return event.label
    return f"{event.label}[{len(values[event.field])}]"
