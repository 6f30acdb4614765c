"""Types become state machines: which events may come next, in which order they are numbered (EXI 1.0, chapter 8).

Non-strict, schema-informed grammars: a state with k productions numbers them 0 to k-1; the code k would escape to the
second level, hence codes of ``bits(k + 1)``. Order within a state: attributes, elements in schema order, wildcard, end of
element, characters. Encoder, decoder and the XML text form walk the same states.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache
from typing import TypeAlias

from harness.declare import (
    Child,
    Field,
    Kind,
    OneOf,
    Particle,
    Schema,
    StringKind,
    Wildcard,
    fields_of,
    is_abstract,
    namespace_of,
    read_kind,
)
from harness.exi.bits import code, code_width


class Place(IntEnum):
    """Kinds of events, in the order in which a state numbers them."""

    ATTRIBUTE = 0
    ELEMENT = 1
    WILDCARD = 2
    END = 3
    CHARACTERS = 4


Key: TypeAlias = str | type | tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that may come next; `field` is where its value lives, `key` how an encoder finds it.

    The key is the field name, the class for members of a substitution group, (namespace, name) in open content.
    """

    place: Place
    field: str
    key: Key
    name: str = ""
    namespace: str = ""
    kind: Kind | None = None
    opened: bool = False

    @property
    def label(self) -> str:
        """How errors call the event."""
        match self.place:
            case Place.ATTRIBUTE:
                return "@" + self.name
            case Place.WILDCARD:
                return "any element"
            case Place.END:
                return "the end of the element"
            case Place.CHARACTERS:
                return "text"
            case _:
                return self.name


END = Event(Place.END, "", None)
OPEN_TEXT = Event(Place.CHARACTERS, "content", "text", kind=StringKind(None), opened=True)
OPEN_ANY = Event(Place.WILDCARD, "content", "any", opened=True)


@dataclass(frozen=True, slots=True)
class Term:
    """An event with the number of times it may still come."""

    event: Event
    minimum: int
    maximum: int | None


@dataclass(frozen=True, slots=True)
class Group:
    """Alternatives, each a sequence of items."""

    options: tuple[tuple[Item, ...], ...]
    minimum: int
    maximum: int | None


Item: TypeAlias = Term | Group
Stack: TypeAlias = tuple[Item, ...]


@dataclass(slots=True, eq=False)
class Production:
    """An event with its code and what follows it.

    `limit` is 1 for a single item, None for an unbounded repetition; after copy number `limit` the state is `full`, as
    the item is no longer offered then.
    """

    event: Event
    code: str
    target: State
    limit: int | None
    full: State


@dataclass(slots=True, eq=False)
class State:
    """The productions that may come next, in code order, and the width of their codes."""

    productions: list[Production] = field(default_factory=list)
    width: int = 0

    @property
    def escape(self) -> str:
        """The code that leads to the second level."""
        return code(len(self.productions), self.width)


class Grammar:
    """The state machines of all types of one schema set; substitution groups depend on the set."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    @cache  # noqa: B019 - a grammar lives as long as the process
    def start(self, cls: type) -> State:
        """The first state of a declared type."""
        return _Builder(is_mixed(cls)).state(self._items(cls))

    def _items(self, cls: type) -> Stack:
        """All particles of a type: attributes by name, then the content in declared order."""
        found = fields_of(cls)
        attributes = sorted((f for f in found if f.place == "attribute"), key=lambda f: (f.name, f.namespace))
        items: list[Item] = [Term(_event(Place.ATTRIBUTE, f), f.minimum, 1) for f in attributes]
        rest = [f for f in found if f.place != "attribute"]
        while rest:
            together = _taken_together(rest)
            items.append(self._item(cls, rest[:together]))
            rest = rest[together:]
        return tuple(_flattened(items))

    def _item(self, cls: type, fields: list[Field]) -> Item:
        """One field, or one choice or group of adjacent fields."""
        first = fields[0]
        if first.content is not None:
            return Group((tuple(_open(p, cls) for p in first.content.model),), 1, 1)
        if first.choice is not None:
            options = tuple((Term(_event(Place.ELEMENT, f), 1, 1),) for f in fields)
            return Group(options, 0 if first.choice.optional else 1, 1)
        if first.together is not None:
            return Group((tuple(Term(_event(Place.ELEMENT, f), 1, 1) for f in fields),), 0, 1)
        if first.head is not None:
            return Group(tuple((Term(event, 1, 1),) for event in self._members(first)), first.minimum, 1)
        place = Place.CHARACTERS if first.place == "text" else Place.ELEMENT
        return Term(_event(place, first), first.minimum, first.maximum)

    def _members(self, found: Field) -> Iterator[Event]:
        """The members of a substitution group in this set, sorted by name; the head keeps its code."""
        assert found.head is not None
        for member in self.schema.members(found.head):
            assert isinstance(member.kind, type)
            yield Event(Place.ELEMENT, found.name, member.kind, member.name, member.namespace, member.kind)


def is_mixed(cls: type) -> bool:
    """True for types whose children may be separated by text."""
    return any(f.content.mixed for f in fields_of(cls) if f.content is not None)


def _event(place: Place, found: Field) -> Event:
    return Event(place, found.name, found.name, found.name, found.namespace, found.kind)


def _taken_together(fields: list[Field]) -> int:
    """How many fields at the head of the list form one choice or group."""
    first, count = fields[0], 1
    if first.choice is not None or first.together is not None:
        while count < len(fields) and (fields[count].choice, fields[count].together) == (first.choice, first.together):
            count += 1
    return count


def _flattened(items: list[Item]) -> Iterator[Item]:
    """A group that is a plain sequence is no group."""
    for item in items:
        if isinstance(item, Group) and len(item.options) == 1 and (item.minimum, item.maximum) == (1, 1):
            yield from item.options[0]
        else:
            yield item


def _open(particle: Particle, owner: type) -> Item:
    """A particle of open content."""
    match particle:
        case Wildcard(minimum, maximum):
            return Term(OPEN_ANY, minimum, maximum)
        case Child(name, note, minimum, maximum):
            uri = namespace_of(owner).element_namespace
            kind = read_kind(note, f"{owner.__name__}.{name}")
            return Term(Event(Place.ELEMENT, "content", (uri, name), name, uri, kind, True), minimum, maximum)
        case OneOf(options, minimum, maximum):
            return Group(tuple(tuple(_open(p, owner) for p in option) for option in options), minimum, maximum)


class _Builder:
    """Turns what may still come (a stack of items) into states; equal stacks are the same state."""

    def __init__(self, mixed: bool) -> None:
        self.mixed = mixed
        self.states: dict[Stack, State] = {}

    def state(self, stack: Stack) -> State:
        """The state in which `stack` may still come."""
        known = self.states.get(stack)
        if known is not None:
            return known
        state = self.states[stack] = State()
        steps, complete = _expand(stack)
        found: dict[tuple[Place, Key], tuple[Event, Stack, int | None, Stack]] = {}
        for step in steps:
            found.setdefault((step[0].place, step[0].key), step)
        if complete:
            found[Place.END, None] = (END, (), 1, ())
        if self.mixed and not _attribute_required(stack):
            content = tuple(item for item in stack if not _is_attribute(item))
            found[Place.CHARACTERS, "text"] = (OPEN_TEXT, content, None, content)
        ordered = sorted(found.values(), key=lambda step: step[0].place)
        state.width = code_width(len(ordered) + 1)
        for number, (event, target, limit, full) in enumerate(ordered):
            following = state if event is END else self.state(target)
            exhausted = state if event is END else self.state(full)
            state.productions.append(Production(event, code(number, state.width), following, limit, exhausted))
        return state


def _is_attribute(item: Item) -> bool:
    return isinstance(item, Term) and item.event.place is Place.ATTRIBUTE


def _attribute_required(stack: Stack) -> bool:
    return any(isinstance(item, Term) and _is_attribute(item) and item.minimum > 0 for item in stack)


def _expand(stack: Stack) -> tuple[list[tuple[Event, Stack, int | None, Stack]], bool]:
    """What may come next (event, stack after it, limit, stack when the limit is reached), and whether nothing need come."""
    if not stack:
        return [], True
    head, rest = stack[0], stack[1:]
    if isinstance(head, Term):
        steps, complete = [_step(head, rest)], False
    else:
        steps, complete = _expand_group(head, rest)
    if head.minimum == 0:
        further, complete = _expand(rest)
        steps = steps + further
    return steps, complete


def _step(term: Term, rest: Stack) -> tuple[Event, Stack, int | None, Stack]:
    """One copy of a term; the limit of open content is kept by the stack, not by counting."""
    if term.maximum == 1:
        return term.event, rest, None if term.event.opened else 1, rest
    again = Term(term.event, max(term.minimum - 1, 0), term.maximum)
    return term.event, (again, *rest), term.maximum, rest


def _expand_group(group: Group, rest: Stack) -> tuple[list[tuple[Event, Stack, int | None, Stack]], bool]:
    """One of the options, then the group again if it may repeat."""
    again: Stack = () if group.maximum == 1 else (Group(group.options, max(group.minimum - 1, 0), group.maximum),)
    steps: list[tuple[Event, Stack, int | None, Stack]] = []
    complete = False
    for option in group.options:
        found, passes = _expand(option + again + rest)
        steps += found
        complete = complete or passes
    return steps, complete


def sendable(event: Event) -> bool:
    """False for the abstract head of a substitution group, which only holds its code."""
    return event.kind is None or not is_abstract(event.kind)
