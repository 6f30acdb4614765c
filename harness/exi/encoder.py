"""Values to bits: every declared type is compiled once into a closure that walks its states."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any

from harness.declare import Element, Field, GlobalElement, Kind, SimpleKind, fields_of
from harness.exi.bits import Fault, listing
from harness.exi.grammar import Event, Grammar, Key, Place, State, sendable
from harness.exi.names import Names
from harness.exi.values import values_of, wrong_type

Out = Callable[[str], None]
Write = Callable[[Any, Out, int], None]
DEEPEST = 48  # levels of wildcards inside wildcards


class Row:
    """A state as the encoder wants it: what to write for each key."""

    __slots__ = ("end", "state", "table")

    def __init__(self, state: State) -> None:
        self.state = state
        self.end: str | None = None
        self.table: dict[Key, tuple[str, Write, Row, int | None, Row]] = {}


class Encoder:
    """Writers of all types of one schema set, compiled when first needed."""

    def __init__(self, grammar: Grammar, names: Names) -> None:
        self.grammar = grammar
        self.names = names

    @cache  # noqa: B019 - an encoder lives as long as the process
    def element(self, kind: Kind) -> Write:
        """Writes the content and the end of an element of the given kind."""
        if not isinstance(kind, type):
            return _simple_element(kind)
        flat = flat_fields(kind)
        full = self._complex(kind)
        return _flat(kind, flat, full) if flat else full

    def _complex(self, cls: type) -> Write:
        """The writer of a type, field by field through its states."""
        start = self._rows(self.grammar.start(cls))
        fields = fields_of(cls)
        attributes = sorted((f for f in fields if f.place == "attribute"), key=lambda f: (f.name, f.namespace))
        ordered = [*attributes, *(f for f in fields if f.place != "attribute")]
        plan = [(f.name, f, f.repeated, f.head is not None, f.content is not None) for f in ordered]

        def write(value: Any, out: Out, depth: int) -> None:
            if type(value) is not cls:
                raise wrong_type(value, cls.__name__)
            row = start
            for name, found, repeated, grouped, opened in plan:
                item = getattr(value, name)
                if item is None:
                    continue
                if opened:
                    row = _write_open(row, item, out, depth)
                elif repeated:
                    row = _write_list(row, found, item, out, depth, value)
                else:
                    step = row.table.get(type(item) if grouped else name)
                    if step is None:
                        raise _unwritable(row.state, value, found, item)
                    out(step[0])
                    try:
                        step[1](item, out, depth)
                    except Fault as fault:
                        raise fault.inside(type(item).__name__ if grouped else name) from None
                    row = step[2]
            if row.end is None:
                raise missing(row.state)
            out(row.end)

        return write

    def _rows(self, start: State) -> Row:
        """Rows for all states that can be reached."""
        rows: dict[State, Row] = {}

        def row(state: State) -> Row:
            if state not in rows:
                made = rows[state] = Row(state)
                for production in state.productions:
                    event = production.event
                    if event.place is Place.END:
                        made.end = production.code
                    elif sendable(event):
                        write = self._write(event)
                        target, full = row(production.target), row(production.full)
                        made.table[event.key] = (production.code, write, target, production.limit, full)
            return rows[state]

        return row(start)

    def _write(self, event: Event) -> Write:
        """What writes the value of an event, after its code."""
        if event.place is Place.WILDCARD:
            return self._wildcard
        assert event.kind is not None
        if event.place is Place.ELEMENT:
            write = self.element(event.kind)
            return _named(write) if event.opened else write
        return _plain(event.kind)

    def _wildcard(self, item: Element, out: Out, depth: int) -> None:
        """An element that a wildcard lets through: its name, then its own grammar."""
        if depth >= DEEPEST:
            raise Fault("elements are nested too deeply", expected=f"at most {DEEPEST} levels")
        out(self.names.encode(item.namespace, item.name))
        self.global_element(self.names.known[item.namespace, item.name])(item.value, out, depth + 1)

    def global_element(self, element: GlobalElement) -> Write:
        """The writer of a global element, which must not be the abstract head of a group."""
        if element.abstract:
            raise Fault(f"{element.name} is abstract", expected="a member of its substitution group")
        return self.element(element.kind)


def _simple_element(kind: SimpleKind) -> Write:
    """An element of simple type: characters, value, end."""
    encode = values_of(kind).encode

    def write(value: Any, out: Out, depth: int) -> None:  # noqa: ARG001 - one signature for all writers
        out("0" + encode(value) + "0")

    return write


def _plain(kind: Kind) -> Write:
    """A value that is not wrapped in an element: an attribute or characters."""
    assert not isinstance(kind, type)
    encode = values_of(kind).encode

    def write(value: Any, out: Out, depth: int) -> None:  # noqa: ARG001 - one signature for all writers
        out(encode(value))

    return write


def _named(write: Write) -> Write:
    """A child of open content carries its own name; only its value is written."""

    def unwrapped(item: Element, out: Out, depth: int) -> None:
        write(item.value, out, depth)

    return unwrapped


def flat_fields(cls: type) -> list[Field]:
    """The fields of a type that only has mandatory elements of simple type, else nothing."""
    fields = fields_of(cls)
    flat = all(f.place == "element" and not isinstance(f.kind, type) and f.minimum == f.maximum == 1 for f in fields)
    return list(fields) if flat and not any(f.choice or f.together for f in fields) else []


def _flat(cls: type, fields: list[Field], full: Write) -> Write:
    """Without options every code is a 0 known beforehand: RationalNumberType and its like are written in one go.

    Whatever is wrong is left to the full writer, which knows how to say it.
    """
    names = [f.name for f in fields]
    encoders = [values_of(f.kind).encode for f in fields if not isinstance(f.kind, type)]
    if len(names) == 1:
        return full
    read = attrgetter(*names)

    def write(value: Any, out: Out, depth: int) -> None:
        if type(value) is cls:
            try:
                pieces = [encode(item) for encode, item in zip(encoders, read(value), strict=True)]
            except Fault:
                full(value, out, depth)
            else:
                out("00" + "000".join(pieces) + "00")
        else:
            full(value, out, depth)

    return write


def _write_list(row: Row, found: Field, items: Any, out: Out, depth: int, owner: Any) -> Row:
    """The copies of a repeated element."""
    if type(items) is not tuple:
        raise wrong_type(items, "a tuple").inside(found.name)
    if len(items) < found.minimum or (found.maximum is not None and len(items) > found.maximum):
        most = "" if found.maximum is None else str(found.maximum)
        raise Fault(f"{len(items)} items", expected=f"{found.minimum}..{most} items").inside(found.name)
    for index, item in enumerate(items):
        step = row.table.get(found.name)
        if step is None:
            raise _unwritable(row.state, owner, found, item)
        out(step[0])
        try:
            step[1](item, out, depth)
        except Fault as fault:
            raise fault.inside(f"{found.name}[{index}]") from None
        row = step[4] if index + 1 == step[3] else step[2]
    return row


def _write_open(row: Row, items: Any, out: Out, depth: int) -> Row:
    """The children of open content: a declared child where the state offers it, else through the wildcard."""
    if type(items) is not tuple:
        raise wrong_type(items, "a tuple").inside("content")
    for index, item in enumerate(items):
        if isinstance(item, Element):
            step = row.table.get((item.namespace, item.name)) or row.table.get("any")
            label = item.name
        else:
            step, label = row.table.get("text"), "text"
        if step is None:
            raise Fault("not allowed here", expected=offers(row.state)).inside(f"content[{index}]")
        out(step[0])
        try:
            step[1](item, out, depth)
        except Fault as fault:
            raise fault.inside(label) from None
        row = step[2]
    return row


def offers(state: State) -> str:
    """What a state allows, for error messages."""
    return listing(p.event.label for p in state.productions if sendable(p.event))


def _unwritable(state: State, owner: Any, found: Field, item: Any) -> Fault:
    """Why the value of a field finds no production: something before it is missing, or it must not stand here."""
    wanted = [p.event for p in state.productions if p.event.place is not Place.END]
    here = [event for event in wanted if event.field == found.name]
    if here:
        return wrong_type(item, listing(event.name for event in here if sendable(event))).inside(found.name)
    complete = len(wanted) < len(state.productions)
    if not complete and all(getattr(owner, event.field) is None for event in wanted):
        return missing(state)
    return Fault("must not stand here", expected=offers(state)).inside(found.name)


def missing(state: State) -> Fault:
    """A mandatory item is absent."""
    wanted = [p.event for p in state.productions if sendable(p.event)]
    if len({event.field for event in wanted}) == 1:
        return Fault("missing", expected=offers(state)).inside(wanted[0].field)
    return Fault("something mandatory is missing", expected=offers(state))
