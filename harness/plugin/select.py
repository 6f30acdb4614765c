"""Which cases run, and why the others do not: selection is a result that the report lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from _pytest.mark.expression import Expression

from harness.actor.central_wishes import STEERED
from harness.actor.driven_ev import PILOT
from harness.catalogue import nodeid_of
from harness.device import claims
from harness.device.description import DeviceDescription
from harness.errors import UsageError
from harness.ocppj.versions import Version
from harness.verdict.declare import CaseDeclaration, Claims

NOT_APPLICABLE = "not applicable"
NOT_TESTABLE = "not testable"
LEFT_OUT = "left out"
_LISTED = {"charger": "no charger with both sides (roles secc and station)"}
LONGEST_QUICK = 10.0
"""Seconds a case may need to be part of a quick run."""
LONGEST_ON_BOTH_SIDES = 30.0
"""The same for cases that follow something through both sides of a charger: to see that is what the harness is for."""


@dataclass(frozen=True, slots=True)
class Skip:
    """Why a case is not run: one of the three kinds above, and the reason in words."""

    why: str
    reason: str


def skip_of(declaration: CaseDeclaration, description: DeviceDescription, *, quick: bool) -> Skip | None:
    """None for a case that is to run."""
    if declaration.role not in description.roles.tested:
        lacking = _LISTED.get(declaration.role, f"no role {declaration.role}")
        return Skip(NOT_APPLICABLE, f"the description lists {lacking}")
    if declaration.pics is not None:
        missing = declaration.pics.missing(description.claims)
        if missing:
            return Skip(NOT_APPLICABLE, f"not claimed: {', '.join(missing)}")
        if other := _other_entrance(declaration.pics, declaration.role, description):
            return Skip(NOT_TESTABLE, other)
    missing_needs = [need for need in declaration.needs if need not in available(description, declaration.role)]
    if missing_needs:
        return Skip(NOT_TESTABLE, f"this bench has no {' and no '.join(missing_needs)}; describe it under bench")
    if quick and declaration.lasts > (LONGEST_ON_BOTH_SIDES if declaration.role == "charger" else LONGEST_QUICK):
        return Skip(LEFT_OUT, f"needs {declaration.lasts:g} s; add --all to run it")
    return None


def _other_entrance(pics: Claims, role: str, description: DeviceDescription) -> str:
    """Why a case over OCPP needs another description: it is for a security profile by which this one does not connect."""
    access = {"station": description.roles.station, "csms": description.roles.csms}.get(role)
    if access is None:
        return ""
    prefix = f"{role.upper()}.SECURITY_"
    own = f"{prefix}{access.security_profile}"
    others = {name for name in description.claims if name.startswith(prefix) and name != own}
    missing = ", ".join(pics.missing(description.claims - others))
    return f"reached by security profile {access.security_profile}; describe one for {missing}" if missing else ""


def available(description: DeviceDescription, role: str = "") -> frozenset[str]:
    """What the bench offers to cases for a role: actions by name, ``meter``, ``grid`` that can be changed, EVs as
    ``ev_<name>``, ``firmware`` to update a station with, and ``power``, which only power electronics give. At a charger with
    both sides the tester plays the EV, and for its SECC the tester's CSMS says how much power."""
    bench = description.bench
    measures = frozenset() if bench.meter.kind == "none" else frozenset({"meter"})
    changes = frozenset() if bench.grid_source.kind == "mains" else frozenset({"grid"})
    flows = frozenset({"power"}) if description.pixit.secc.power_electronics else frozenset()
    played = frozenset(PILOT) if description.roles.joined else frozenset()
    steered = STEERED if description.roles.joined and role == "secc" else frozenset()
    updates = frozenset() if bench.firmware is None and not bench.embedded else frozenset({"firmware"})
    actions = bench.trigger.available | played | steered
    return actions | measures | changes | flows | updates | {f"ev_{name}" for name in bench.evs}


def spoken(declaration: CaseDeclaration, description: DeviceDescription) -> tuple[Version, ...]:
    """The OCPP versions of the description that a case is for, best first: those with which alone its PICS hold.

    Empty for a case of a role without OCPP.
    """
    roles, speaker = description.roles, "csms" if declaration.role == "csms" else "station"
    access = {"station": roles.station, "charger": roles.station, "csms": roles.csms}.get(declaration.role)
    if access is None:
        return ()
    names = {version: f"{speaker.upper()}.OCPP_{version.replace('.', '')}" for version in access.ocpp}
    others = {version: frozenset(names.values()) - {names[version]} for version in access.ocpp}
    pics = declaration.pics
    return tuple(each for each in access.ocpp if pics is None or _holds(pics, description.claims - others[each]))


def _holds(pics: Claims, claimed: frozenset[str]) -> bool:
    """Whether a condition holds, and what its claims go with is claimed too: V2X goes with OCPP 2.1 alone."""
    if pics.missing(claimed):
        return False
    items = [each for each in pics.items() if each.name in claimed] if isinstance(pics, claims.Expression) else []
    return all(each.needs is None or _holds(each.needs, claimed) for each in items)


def selected(expression: str, known: Mapping[str, tuple[Callable[..., Any], CaseDeclaration]]) -> list[str]:
    """The ids of the cases that `--select` means: as pytest's -k reads it, before pytest is asked.

    Raises `UsageError` for what is no such expression.
    """
    try:
        compiled = Expression.compile(expression)
        return [id for id, case in known.items() if compiled.evaluate(_Mentions(_names(*case)))]
    except Exception as wrong:  # its type depends on pytest's version
        raise UsageError(
            f"--select {expression!r} cannot be read: {getattr(wrong, 'msg', wrong)}; write parts of ids or names, joined by and, or, not"
        ) from wrong


class _Mentions:
    """Whether any of the names of a case holds a word, upper and lower case aside."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = [name.lower() for name in names]

    def __call__(self, word: str, /, **given: Any) -> bool:
        if given:
            raise ValueError("words take no values")
        return any(word.lower() in name for name in self._names)


def _names(function: Callable[..., Any], declaration: CaseDeclaration) -> Iterable[str]:
    """The names under which pytest knows a case, see `pytest_collection_modifyitems`."""
    return (declaration.id, *declaration.covers, *nodeid_of(function).replace("::", "/").split("/"))
