"""Hypothesis strategies built from the declarations: whatever the schema allows may be drawn."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from harness.declare import (
    BinaryKind,
    BooleanKind,
    Child,
    Element,
    EnumerationKind,
    Field,
    IntegerKind,
    Kind,
    OneOf,
    Particle,
    Schema,
    SimpleKind,
    StringKind,
    Wildcard,
    fields_of,
    is_abstract,
    namespace_of,
    read_kind,
)

COPIES = 2  # copies drawn beyond the least number of a repetition
DEEPEST = 1  # wildcards drawn inside wildcards
XML_TEXT = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn"))


def simple_values(kind: SimpleKind) -> st.SearchStrategy[Any]:
    """Any value of a simple type; boundaries are drawn often."""
    match kind:
        case BooleanKind():
            return st.booleans()
        case EnumerationKind(members):
            return st.sampled_from(list(members))
        case IntegerKind(minimum, maximum):
            low = -(2**200) if minimum is None else minimum
            high = 2**200 if maximum is None else maximum
            return st.integers(low, high) | st.sampled_from([low, high])
        case StringKind(maximum):
            return st.text(XML_TEXT, max_size=min(maximum or 20, 20))
        case BinaryKind(minimum, maximum, _):
            return st.binary(min_size=minimum, max_size=max(minimum, min(maximum or 24, 24)))


@st.composite
def values(draw: st.DrawFn, schema: Schema, kind: Kind, depth: int = 0) -> Any:
    """Any value of a declared type, or of a simple one."""
    if not isinstance(kind, type):
        return draw(simple_values(kind))
    found: dict[str, Any] = {}
    for members in _units(fields_of(kind)):
        found.update(_unit(draw, schema, kind, members, depth))
    return kind(**found)


def _units(fields: tuple[Field, ...]) -> list[list[Field]]:
    """Fields that are decided together: the members of a choice or of a group."""
    units: dict[object, list[Field]] = {}
    for field in fields:
        key = (field.choice or field.together or field.name, "x")
        units.setdefault(key, []).append(field)
    return list(units.values())


def _unit(draw: st.DrawFn, schema: Schema, owner: type, fields: list[Field], depth: int) -> dict[str, Any]:
    first = fields[0]
    if first.choice is not None:
        chosen = draw(st.sampled_from([*fields, None] if first.choice.optional else fields))
        return {} if chosen is None else {chosen.name: _single(draw, schema, chosen, depth)}
    if first.together is not None:
        return {f.name: _single(draw, schema, f, depth) for f in fields} if draw(st.booleans()) else {}
    if first.content is not None:
        return {first.name: tuple(_open(draw, schema, owner, first, depth))}
    if first.repeated:
        most = first.minimum + COPIES if first.maximum is None else min(first.maximum, first.minimum + COPIES)
        copies = draw(st.integers(first.minimum, most))
        return {first.name: tuple(_single(draw, schema, first, depth) for _ in range(copies))}
    if first.minimum == 0 and not draw(st.booleans()):
        return {}
    return {first.name: _single(draw, schema, first, depth)}


def _single(draw: st.DrawFn, schema: Schema, field: Field, depth: int) -> Any:
    kind: Kind = field.kind
    if field.head is not None:
        members = [m.kind for m in schema.members(field.head) if not m.abstract]
        kind = draw(st.sampled_from(members))
    return draw(values(schema, kind, depth))


def _open(draw: st.DrawFn, schema: Schema, owner: type, field: Field, depth: int) -> list[Element | str]:
    """The children of open content, with text between them where the type is mixed."""
    assert field.content is not None
    children = [c for p in field.content.model for c in _particle(draw, schema, owner, p, depth)]
    if not field.content.mixed:
        return children
    result: list[Element | str] = []
    for child in [*children, None]:
        if draw(st.integers(0, 3)) == 0:
            result.append(draw(st.text(XML_TEXT, min_size=1, max_size=8).filter(lambda text: text.strip())))
        result += [] if child is None else [child]
    return result


def _particle(draw: st.DrawFn, schema: Schema, owner: type, particle: Particle, depth: int) -> list[Element]:
    most = particle.minimum + (2 if depth < DEEPEST else 0)
    copies = draw(st.integers(particle.minimum, most if particle.maximum is None else min(particle.maximum, most)))
    found: list[Element] = []
    for _ in range(copies):
        match particle:
            case Child(name, note, _, _):
                kind = read_kind(note, name)
                uri = namespace_of(owner).element_namespace
                found.append(Element(name, uri, draw(values(schema, kind, depth + 1))))
            case Wildcard():
                found.append(draw(global_elements(schema, depth + 1)))
            case OneOf(options, _, _):
                option = draw(st.sampled_from(options))
                found += [e for p in option for e in _particle(draw, schema, owner, p, depth)]
    return found


@st.composite
def global_elements(draw: st.DrawFn, schema: Schema, depth: int) -> Element:
    """An element that a wildcard lets through; deep down only simple ones, so that drawing ends."""
    allowed = [e for e in schema.elements if not is_abstract(e.kind)]
    if depth > DEEPEST:
        allowed = [e for e in allowed if not isinstance(e.kind, type)]
    chosen = draw(st.sampled_from(allowed))
    return Element(chosen.name, chosen.namespace, draw(values(schema, chosen.kind, depth)))
