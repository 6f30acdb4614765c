"""How cases and rules are declared: their metadata, beside the code that judges.

A case is a coroutine that drives actors; a rule is a function of a trace. Neither this module nor the declarations
know pytest.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from harness.errors import DeclarationError
from harness.link.trace import Trace
from harness.verdict.check import Check
from harness.verdict.verdict import Axis

_CASE_ID = re.compile(r"^TC_[A-Z0-9]+(_[A-Za-z0-9]+)+_\d{3}$")
_RULE_ID = re.compile(r"^RULE_[A-Za-z0-9]+(_[A-Za-z0-9]+)*_\d{3}$")


class Claims(Protocol):
    """A PICS expression: which of the SUT's claims a case needs."""

    def missing(self, claimed: frozenset[str]) -> tuple[str, ...]:
        """The claims that are needed and not made, in words; empty when the case applies."""
        ...


@dataclass(frozen=True, slots=True)
class CaseDeclaration:
    """What is known of a case before it runs. `lasts` is the least time it needs on a real device, in s.

    `role` is the SUT's role, the second part of the id. `needs` are bench actions (see device description, such as
    ``setpoint``, ``notify``); `detects` are names of mutants of the reference device that the case fails.
    """

    id: str
    role: str
    purpose: str
    text: str
    covers: tuple[str, ...]
    pics: Claims | None
    detects: tuple[str, ...]
    needs: tuple[str, ...]
    lasts: float
    axis: Axis


@dataclass(frozen=True, slots=True)
class RuleDeclaration:
    """A passive rule: `judge(trace, check, context)` looks at everything that a case observed on one kind of link.

    `exercised_by` names cases whose traffic shows the rule's mutants, for the self-test.
    """

    id: str
    role: str
    link: str
    purpose: str
    text: str
    covers: tuple[str, ...]
    detects: tuple[str, ...]
    exercised_by: tuple[str, ...]
    axis: Axis
    judge: Callable[[Trace, Check, Any], None]


_Function = TypeVar("_Function", bound=Callable[..., Any])
_RULES: dict[str, RuleDeclaration] = {}


def test_case(
    id: str,
    *,
    covers: str | Iterable[str],
    detects: str | Iterable[str],
    pics: Claims | None = None,
    needs: str | Iterable[str] = (),
    lasts: float = 1.0,
    axis: Axis = Axis.CONFORMANCE,
) -> Callable[[_Function], _Function]:
    """Declare a test case; its docstring is the text of the report (first line: purpose; then Given, when, then)."""
    if not _CASE_ID.match(id):
        raise DeclarationError(f"{id}: a case id reads TC_<ROLE>_<topic>_<nnn>")

    def declare(function: _Function) -> _Function:
        text = inspect.getdoc(function) or ""
        if not text or not inspect.iscoroutinefunction(function):
            raise DeclarationError(f"{id}: a case is a coroutine function with a docstring")
        declaration = CaseDeclaration(
            id=id,
            role=id.split("_")[1].lower(),
            purpose=text.splitlines()[0],
            text=text,
            covers=_names(covers),
            pics=pics,
            detects=_names(detects),
            needs=_names(needs),
            lasts=lasts,
            axis=axis,
        )
        if not declaration.covers or not declaration.detects:
            raise DeclarationError(f"{id}: a case covers a requirement and detects a mutant")
        function.case_declaration = declaration  # type: ignore[attr-defined]
        return function

    return declare


test_case.__test__ = False  # type: ignore[attr-defined]  # the runner must not collect the decorator by its name


def case_declaration(function: Any) -> CaseDeclaration | None:
    """The declaration of a case function, or None for any other function."""
    return getattr(function, "case_declaration", None)


def rule(
    id: str,
    *,
    role: str,
    link: str,
    covers: str | Iterable[str],
    detects: str | Iterable[str],
    exercised_by: str | Iterable[str],
    axis: Axis = Axis.CONFORMANCE,
) -> Callable[[Callable[[Trace, Check, Any], None]], Callable[[Trace, Check, Any], None]]:
    """Declare and register a passive rule."""
    if not _RULE_ID.match(id):
        raise DeclarationError(f"{id}: a rule id reads RULE_<topic>_<nnn>")
    if id in _RULES:
        raise DeclarationError(f"{id}: declared twice")

    def declare(function: Callable[[Trace, Check, Any], None]) -> Callable[[Trace, Check, Any], None]:
        text = inspect.getdoc(function) or ""
        if not text:
            raise DeclarationError(f"{id}: a rule has a docstring; its first line is the purpose")
        _RULES[id] = RuleDeclaration(
            id=id,
            role=role,
            link=link,
            purpose=text.splitlines()[0],
            text=text,
            covers=_names(covers),
            detects=_names(detects),
            exercised_by=_names(exercised_by),
            axis=axis,
            judge=function,
        )
        if not _RULES[id].covers or not _RULES[id].detects:
            raise DeclarationError(f"{id}: a rule covers a requirement and detects a mutant")
        return function

    return declare


def rules(role: str | None = None) -> tuple[RuleDeclaration, ...]:
    """All registered rules, by id; of one SUT role when named."""
    return tuple(each for _, each in sorted(_RULES.items()) if role in (None, each.role))


def _names(value: str | Iterable[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
