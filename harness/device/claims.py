"""What a device may claim, and expressions over claims that say when a case applies.

A vocabulary is a class whose attributes are items; the attribute is the name. The vocabularies themselves are in
`harness.device.pics`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from harness.errors import DeclarationError
from harness.suggest import did_you_mean


class Expression:
    """A condition on the claims of a device: an item, or items joined by ``&``, ``|`` and ``~``."""

    def missing(self, claimed: frozenset[str]) -> tuple[str, ...]:
        """What keeps the condition from holding, in words; empty when it holds. `claimed` holds ``SECC.DC_BPT``."""
        raise NotImplementedError

    def holds(self, claimed: frozenset[str]) -> bool:
        """Whether a device with these claims meets the condition."""
        return not self.missing(claimed)

    def evaluate(self, claimed: frozenset[str]) -> tuple[bool, tuple[str, ...]]:
        """(whether it holds, what is missing in words)"""
        missing = self.missing(claimed)
        return not missing, missing

    def items(self) -> Iterator[Item]:
        """Every item that the condition speaks of."""
        raise NotImplementedError

    def __and__(self, other: Expression) -> Expression:
        return Both(self, other)

    def __or__(self, other: Expression) -> Expression:
        return Either(self, other)

    def __invert__(self) -> Expression:
        return Without(self)


class Item(Expression):
    """One claim. `name` is ``SECC.DC_BPT``; `title` fits into a sentence, `meaning` is what the claimant promises.

    `source` names the document behind it; `needs` is what else must be claimed for the claim to make sense.
    """

    __slots__ = ("meaning", "name", "needs", "role", "source", "title")

    def __init__(self, title: str, meaning: str, source: str, needs: Expression | None = None) -> None:
        self.title, self.meaning, self.source, self.needs = title, meaning, source, needs
        self.name = self.role = ""

    def missing(self, claimed: frozenset[str]) -> tuple[str, ...]:
        return () if self.name in claimed else (f"{self.name} ({self.title})",)

    def items(self) -> Iterator[Item]:
        yield self

    def __str__(self) -> str:
        return self.name

    __repr__ = __str__


class Both(Expression):
    """Both conditions."""

    def __init__(self, left: Expression, right: Expression) -> None:
        self.left, self.right = left, right

    def missing(self, claimed: frozenset[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.left.missing(claimed), *self.right.missing(claimed))))

    def items(self) -> Iterator[Item]:
        yield from self.left.items()
        yield from self.right.items()

    def __str__(self) -> str:
        return " & ".join(f"({each})" if isinstance(each, Either) else str(each) for each in (self.left, self.right))


class Either(Expression):
    """At least one of two conditions."""

    def __init__(self, left: Expression, right: Expression) -> None:
        self.left, self.right = left, right

    def missing(self, claimed: frozenset[str]) -> tuple[str, ...]:
        left, right = self.left.missing(claimed), self.right.missing(claimed)
        if not left or not right:
            return ()
        return (f"{' and '.join(left)} or {' and '.join(right)}",)

    def items(self) -> Iterator[Item]:
        yield from self.left.items()
        yield from self.right.items()

    def __str__(self) -> str:
        return f"{self.left} | {self.right}"


class Without(Expression):
    """The opposite of a condition: for cases that a device with some feature must not be given."""

    def __init__(self, inner: Expression) -> None:
        self.inner = inner

    def missing(self, claimed: frozenset[str]) -> tuple[str, ...]:
        if self.inner.missing(claimed):
            return ()
        names = ", ".join(f"{item.name} ({item.title})" for item in self.inner.items())
        return (f"a device that does not claim {names}",)

    def items(self) -> Iterator[Item]:
        yield from self.inner.items()

    def __str__(self) -> str:
        return f"~{self.inner}" if isinstance(self.inner, Item) else f"~({self.inner})"


class Vocabulary:
    """All items of one role. Attribute access gives the item; an unknown name says which one was probably meant."""

    role: ClassVar[str]
    _items: ClassVar[dict[str, Item]]

    def __init_subclass__(cls, role: str) -> None:
        cls.role = role
        cls._items = {}
        for name, item in vars(cls).items():
            if isinstance(item, Item):
                item.role, item.name = role, f"{role.upper()}.{name}"
                cls._items[name] = item

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items.values())

    def find(self, name: str) -> Item | None:
        """The item of that name (``DC_BPT``), or None."""
        return self._items.get(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names without their role, as a description lists them."""
        return tuple(self._items)

    if not TYPE_CHECKING:  # a type checker shall report unknown names itself

        def __getattr__(self, name: str) -> Item:
            role = type(self).__dict__.get("role", "")
            if name.startswith("_"):
                raise AttributeError(name)
            raise DeclarationError(f"{role.upper()}.{name} is no PICS item; {did_you_mean(name, self._items)}")
