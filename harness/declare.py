"""The declaration language: messages are plain frozen dataclasses, and the declaration is the schema.

Plain typing says most of it: `X | None` is optional, `tuple[X, ...]` with `Occurs` is a repetition, an `Enum` in
schema order is an enumeration, inheritance is extension (the fields of the base come first). What typing cannot say
stands in `Annotated[...]`: `Range`, `Length`, `Occurs`, `Choice`, `Together`, `Substitution`, `Ref`, `Content`, and the
marks `Attribute`, `Hex`, `Text`.

A module that declares messages holds a constant ``NAMESPACE``; every class it declares belongs to that namespace. A
class whose name ends in ``Type`` is a type; any other is a global element named as the class, whose type is called
``<class>Type``. Further global elements are named with `Namespace.element`.

This module knows no message and no encoding; `fields_of` and `Schema` are what codecs read.
"""

from __future__ import annotations

import inspect
import sys
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache, cached_property
from typing import Annotated, Any, Literal, TypeAlias, TypeVar, dataclass_transform

from harness.errors import DeclarationError

# --- facets, written inside Annotated[...] ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Range:
    """Smallest and largest value of an integer; None as a bound means that there is none."""

    minimum: int | None
    maximum: int | None


@dataclass(frozen=True, slots=True)
class Length:
    """Longest (and shortest) allowed text in characters, or binary in octets."""

    maximum: int
    minimum: int = 0


@dataclass(frozen=True, slots=True)
class Occurs:
    """How often a repeated element may stand; a maximum of None is unbounded."""

    minimum: int
    maximum: int | None


@dataclass(frozen=True, slots=True)
class Choice:
    """Adjacent fields with the same `group` exclude each other; exactly one is given unless the choice is optional."""

    group: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Together:
    """Adjacent optional fields with the same `group` are given together or not at all."""

    group: str


@dataclass(frozen=True, slots=True)
class Substitution:
    """The field stands for a substitution group: `head` and every global element of the set whose type derives from it."""

    head: type


@dataclass(frozen=True, slots=True)
class Ref:
    """The element is declared in another namespace and only referred to here."""

    namespace: Namespace


class Mark(Enum):
    """Marks without parameters."""

    ATTRIBUTE = "attribute"
    HEX = "hexBinary"
    TEXT = "text"


Attribute = Mark.ATTRIBUTE
Hex = Mark.HEX
Text = Mark.TEXT


# --- open content: mixed text, repeated choices and wildcards (xmldsig only) ------------------------------------------


@dataclass(frozen=True, slots=True)
class Element:
    """An element that names itself: a child in open content, or a value whose class is not named as an element."""

    name: str
    namespace: str
    value: Any


@dataclass(frozen=True, slots=True)
class Child:
    """A named element inside a content model; the namespace is that of the declaring module."""

    name: str
    kind: Any
    minimum: int = 1
    maximum: int | None = 1


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Any global element of the set."""

    minimum: int = 1
    maximum: int | None = 1


@dataclass(frozen=True, slots=True)
class OneOf:
    """Alternatives, each a sequence of particles; a single alternative is a repeatable sequence."""

    options: tuple[tuple[Particle, ...], ...]
    minimum: int = 1
    maximum: int | None = 1


Particle: TypeAlias = Child | Wildcard | OneOf


@dataclass(frozen=True, slots=True)
class Content:
    """The field holds all children in document order: `Element`s, and texts where the type is mixed."""

    model: tuple[Particle, ...]
    mixed: bool = False


# --- simple types of XML Schema ---------------------------------------------------------------------------------------

byte: TypeAlias = Annotated[int, Range(-(2**7), 2**7 - 1)]
short: TypeAlias = Annotated[int, Range(-(2**15), 2**15 - 1)]
int32: TypeAlias = Annotated[int, Range(-(2**31), 2**31 - 1)]
unsignedByte: TypeAlias = Annotated[int, Range(0, 2**8 - 1)]
unsignedShort: TypeAlias = Annotated[int, Range(0, 2**16 - 1)]
unsignedInt: TypeAlias = Annotated[int, Range(0, 2**32 - 1)]
unsignedLong: TypeAlias = Annotated[int, Range(0, 2**64 - 1)]
integer: TypeAlias = Annotated[int, Range(None, None)]
ID: TypeAlias = str
anyURI: TypeAlias = str
base64Binary: TypeAlias = bytes


@dataclass(frozen=True, slots=True)
class BooleanKind:
    """xs:boolean."""


@dataclass(frozen=True, slots=True)
class EnumerationKind:
    """A string enumeration; the member order is the schema order."""

    members: type[Enum]


@dataclass(frozen=True, slots=True)
class IntegerKind:
    """An integer type with its bounds."""

    minimum: int | None
    maximum: int | None


@dataclass(frozen=True, slots=True)
class StringKind:
    """xs:string and what derives from it; the longest length in characters."""

    maximum: int | None


@dataclass(frozen=True, slots=True)
class BinaryKind:
    """base64Binary or hexBinary with its length facet in octets."""

    minimum: int
    maximum: int | None
    hexadecimal: bool


SimpleKind: TypeAlias = BooleanKind | EnumerationKind | IntegerKind | StringKind | BinaryKind
Kind: TypeAlias = SimpleKind | type


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a declared type, as codecs want to know it."""

    name: str
    namespace: str
    place: Literal["attribute", "element", "text", "content"]
    kind: Kind
    minimum: int = 1
    maximum: int | None = 1
    choice: Choice | None = None
    together: str | None = None
    head: type | None = None
    content: Content | None = None

    @property
    def repeated(self) -> bool:
        """True where the value is a tuple of items."""
        return self.maximum != 1


# --- namespaces and the decorators ------------------------------------------------------------------------------------


@dataclass(eq=False)
class Namespace:
    """One schema file: its URI, what it imports, the types it declares and its global elements.

    `simple_types` are the names of its simple types; together with the names of elements, attributes and complex types
    they number the names inside wildcards.
    """

    uri: str
    prefix: str
    imports: tuple[Namespace, ...] = ()
    simple_types: tuple[str, ...] = ()
    qualified_elements: bool = True
    qualified_attributes: bool = True
    types: list[type] = field(default_factory=list)
    elements: dict[str, Kind] = field(default_factory=dict)

    def element(self, name: str, kind: Any) -> None:
        """Declare a global element whose name is not the name of a class."""
        self.elements[name] = read_kind(kind, f"{self.uri} {name}")

    @property
    def element_namespace(self) -> str:
        """The namespace of local elements."""
        return self.uri if self.qualified_elements else ""

    @property
    def attribute_namespace(self) -> str:
        """The namespace of attributes."""
        return self.uri if self.qualified_attributes else ""

    @property
    def names(self) -> list[str]:
        """Every element, attribute and type name of the namespace, sorted."""
        names = {*self.elements, *self.simple_types, *(type_name(cls) for cls in self.types)}
        for cls in self.types:
            names.update(name for name, uri, _ in own_names(cls) if uri == self.uri)
        return sorted(names)


_namespace_of: dict[type, Namespace] = {}
_abstract: set[type] = set()
T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def message(cls: type[T]) -> type[T]:
    """Declare a message or a type: a frozen, keyword-only dataclass with slots, registered in its module's NAMESPACE."""
    return _declare(cls)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def abstract(cls: type[T]) -> type[T]:
    """Declare a type that other types extend and that never stands on the wire itself."""
    declared = _declare(cls)
    _abstract.add(declared)
    return declared


def _declare(cls: type[T]) -> type[T]:
    namespace = getattr(sys.modules[cls.__module__], "NAMESPACE", None)
    if not isinstance(namespace, Namespace):
        raise DeclarationError(f"{cls.__module__} declares {cls.__name__} but has no NAMESPACE constant")
    declared = dataclass(frozen=True, kw_only=True, slots=True)(cls)
    _namespace_of[declared] = namespace
    namespace.types.append(declared)
    if not cls.__name__.endswith("Type"):
        namespace.elements[cls.__name__] = declared
    return declared


def is_abstract(kind: Kind) -> bool:
    """True for a type that must not stand on the wire itself."""
    return isinstance(kind, type) and kind in _abstract


def namespace_of(cls: type) -> Namespace:
    """The namespace in which a class is declared."""
    try:
        return _namespace_of[cls]
    except KeyError:
        raise DeclarationError(f"{cls.__name__} is not a declared message or type") from None


def is_declared(cls: object) -> bool:
    """True for classes made by `message` or `abstract`."""
    return isinstance(cls, type) and cls in _namespace_of


def type_name(cls: type) -> str:
    """The name of the complex type in its schema."""
    return cls.__name__ if cls.__name__.endswith("Type") else cls.__name__ + "Type"


# --- reading declarations ---------------------------------------------------------------------------------------------


@cache
def fields_of(cls: type) -> tuple[Field, ...]:
    """The fields of a declared type, those of its bases first."""
    found: list[Field] = []
    for owner in reversed(cls.__mro__):
        if is_declared(owner):
            found.extend(_read_field(owner, name, note) for name, note in inspect.get_annotations(owner).items())
    return tuple(found)


def _read_field(owner: type, name: str, note: Any) -> Field:
    """Turn one annotation into a `Field`."""
    namespace = namespace_of(owner)
    base, facets = _unfold(note)
    core, optional = _without_none(base)
    core, inner = _unfold(core)
    facets = {**inner, **facets}
    if Mark.ATTRIBUTE in facets:
        kind = read_kind(note, f"{owner.__name__}.{name}")
        return Field(name, namespace.attribute_namespace, "attribute", kind, minimum=0 if optional else 1)
    if Mark.TEXT in facets:
        return Field(name, "", "text", read_kind(note, f"{owner.__name__}.{name}"))
    if Content in facets:
        return Field(name, namespace.element_namespace, "content", StringKind(None), content=facets[Content])
    return _read_element(owner, name, note, core, facets, optional)


def _read_element(owner: type, name: str, note: Any, core: Any, facets: Mapping[Any, Any], optional: bool) -> Field:
    """Read a field that is a child element, repeated or not."""
    uri = facets[Ref].namespace.uri if Ref in facets else namespace_of(owner).element_namespace
    minimum, maximum = (0 if optional else 1), 1
    if typing.get_origin(core) is tuple:
        occurs = facets.get(Occurs)
        if occurs is None:
            raise DeclarationError(f"{owner.__name__}.{name} is a tuple without Occurs")
        minimum, maximum = occurs.minimum, occurs.maximum
        note = typing.get_args(core)[0]
    head = facets[Substitution].head if Substitution in facets else None
    if head is not None:
        return Field(name, namespace_of(head).uri, "element", head, minimum, maximum, head=head)
    kind = read_kind(note, f"{owner.__name__}.{name}")
    together = facets[Together].group if Together in facets else None
    return Field(name, uri, "element", kind, minimum, maximum, facets.get(Choice), together)


def read_kind(note: Any, place: str) -> Kind:
    """The simple kind or the declared class that an annotation stands for."""
    base, facets = _unfold(note)
    core, _ = _without_none(base)
    core, inner = _unfold(core)
    facets = {**inner, **facets}
    if is_declared(core):
        return typing.cast(type, core)
    if core is bool:
        return BooleanKind()
    if isinstance(core, type) and issubclass(core, Enum):
        return EnumerationKind(core)
    if core is int:
        bounds = facets.get(Range)
        if bounds is None:
            raise DeclarationError(f"{place} is an integer without Range")
        return IntegerKind(bounds.minimum, bounds.maximum)
    length = facets.get(Length)
    if core is str:
        return StringKind(length.maximum if length else None)
    if core is bytes:
        return BinaryKind(length.minimum if length else 0, length.maximum if length else None, Mark.HEX in facets)
    raise DeclarationError(f"{place} has a type the declaration language does not know: {note!r}")


def _unfold(note: Any) -> tuple[Any, dict[Any, Any]]:
    """Split Annotated[base, facets...] into base and facets, keyed by facet class or mark."""
    if typing.get_origin(note) is not Annotated:
        return note, {}
    base, *facets = typing.get_args(note)
    return base, {(facet if isinstance(facet, Mark) else type(facet)): facet for facet in facets}


def _without_none(note: Any) -> tuple[Any, bool]:
    """Take None out of a union; a union of several classes is left to the substitution facet."""
    if typing.get_origin(note) not in (typing.Union, types.UnionType):
        return note, False
    rest = [part for part in typing.get_args(note) if part is not type(None)]
    return (rest[0] if len(rest) == 1 else note), len(rest) < len(typing.get_args(note))


def own_names(cls: type) -> Iterator[tuple[str, str, Kind | None]]:
    """Names that a class declares itself (not its bases): (name, namespace, kind), kind None for attributes."""
    inherited = {field.name for base in cls.__mro__[1:] if is_declared(base) for field in fields_of(base)}
    for found in fields_of(cls):
        if found.place == "attribute":
            yield found.name, found.namespace, None
        elif found.content is not None:
            yield from (
                (child.name, found.namespace, read_kind(child.kind, child.name))
                for child in children(found.content.model)
            )
        elif found.place == "element" and found.name not in inherited:
            yield found.name, found.namespace, found.kind


def children(model: tuple[Particle, ...]) -> Iterator[Child]:
    """Every named element of a content model."""
    for particle in model:
        if isinstance(particle, Child):
            yield particle
        elif isinstance(particle, OneOf):
            for option in particle.options:
                yield from children(option)


# --- schemas ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GlobalElement:
    """A global element of a schema set."""

    name: str
    namespace: str
    kind: Kind

    @property
    def abstract(self) -> bool:
        """True for heads of substitution groups that never stand on the wire."""
        return is_abstract(self.kind)


_schemas: dict[str, Schema] = {}


def schema_named(name: str) -> Schema:
    """The declared schema set of that name."""
    try:
        return _schemas[name]
    except KeyError:
        raise DeclarationError(f"no schema is called {name!r}; declared are {', '.join(sorted(_schemas))}") from None


@dataclass(frozen=True, eq=False)
class Schema:
    """A schema set: one namespace with all that it imports, and the messages that may be document roots."""

    name: str
    namespace: Namespace
    messages: tuple[type, ...]

    def __post_init__(self) -> None:
        _schemas[self.name] = self

    @cached_property
    def namespaces(self) -> tuple[Namespace, ...]:
        """The namespace and everything it imports, sorted by URI."""
        found: dict[str, Namespace] = {}
        pending = [self.namespace]
        while pending:
            namespace = pending.pop()
            found[namespace.uri] = namespace
            pending.extend(namespace.imports)
        return tuple(found[uri] for uri in sorted(found))

    @cached_property
    def elements(self) -> tuple[GlobalElement, ...]:
        """All global elements of the set, those never sent included, sorted by name, then namespace."""
        found = [GlobalElement(n, ns.uri, kind) for ns in self.namespaces for n, kind in ns.elements.items()]
        return tuple(sorted(found, key=lambda element: (element.name, element.namespace)))

    @cached_property
    def element_kinds(self) -> Mapping[tuple[str, str], frozenset[Kind]]:
        """Every distinct element name of the set, global or local, with the kinds it is declared with, sorted."""
        found: dict[tuple[str, str], set[Kind]] = {}
        for element in self.elements:
            found.setdefault((element.name, element.namespace), set()).add(element.kind)
        for namespace in self.namespaces:
            for cls in namespace.types:
                for name, uri, kind in own_names(cls):
                    if kind is not None:
                        found.setdefault((name, uri), set()).add(kind)
        return {name: frozenset(found[name]) for name in sorted(found)}

    def members(self, head: type) -> tuple[GlobalElement, ...]:
        """The substitution group of `head` in this set, the head included, sorted by name."""
        return tuple(e for e in self.elements if isinstance(e.kind, type) and issubclass(e.kind, head))

    def element_of(self, cls: type) -> GlobalElement | None:
        """The global element that a class stands for, None for a type used under several or local names."""
        found = [element for element in self.elements if element.kind is cls]
        return found[0] if len(found) == 1 else None
