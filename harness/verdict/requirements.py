"""The catalogue of requirements: what a finding rests on, in our own words, with source, edition and certainty.

Ids are written as they are cited: ``[V2G20-459]``, ``Q02.FR.07``, ``IEEE 1547-2018 6.4.1``; facts that no public source
gives an id have one of ours (``V2G20:timing-loop-response``), and so has field practice (``FIELD-LOOP-PACE``). Official
test cases (``TC_A_01_CS``) can be cited too. Files are read when the first id of theirs is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

import yaml

from harness.errors import DeclarationError
from harness.resources import resource
from harness.suggest import nearest
from harness.verdict.verdict import Axis


class Certainty(Enum):
    """How sure we are of a requirement's content; `UNVERIFIED` makes verdicts that rest on it provisional."""

    CONFIRMED = "confirmed"
    CITED = "cited"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement, point of field practice, or official test case (`kind`).

    `roles` owe it; `judged_on` names the SUTs at which it can be seen from outside. `condition` says when it applies,
    `basis` where our knowledge comes from, `refers_to` what a test case itself cites. `untested` says in a sentence why no
    case or rule judges it; empty where one does, or may yet.
    """

    id: str
    text: str
    source: str
    edition: str
    certainty: Certainty
    roles: tuple[str, ...]
    topic: str = ""
    condition: str = ""
    messages: tuple[str, ...] = ()
    judged_on: tuple[str, ...] = ()
    since: str = ""
    note: str = ""
    basis: str = ""
    axis: Axis = Axis.CONFORMANCE
    kind: str = "requirement"
    profiles: tuple[str, ...] = ()
    refers_to: tuple[str, ...] = ()
    untested: str = ""

    @property
    def confirmed(self) -> bool:
        """Whether a verdict may rest on it without being provisional."""
        return self.certainty is not Certainty.UNVERIFIED

    @property
    def citation(self) -> str:
        """The id with document and edition: ``[V2G20-459] (ISO 15118-20, 2022)``."""
        return f"{self.id} ({self.source}, {self.edition})"

    def __str__(self) -> str:
        return f"{self.citation}: {self.text}"


_FILES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), file)
    for pattern, file in (
        (r"\[V2G20-\d+\]|V2G20:", "iso15118-20"),
        (r"FIELD-", "field"),
        (r"IEEE 1547-", "ieee1547"),
        (r"OCPP:", "ocpp"),
        (r"OCPP16:", "ocpp16"),
        (r"CHARGER:", "charger"),
        (r"TC_[A-Z]_\w+_(CS|CSMS)$", "ocpp201-test-cases"),
        (r"V2X\.\d", "ocpp21/Q"),
        (r"SC\.\d", "ocpp21/K"),
        *((rf"{block}\d\d\.FR\.\d", f"ocpp21/{block}") for block in "ABCEGJKMQR"),
    )
)
"""Which file holds an id, by its form, so that a run reads only what it cites."""

_BARE_NUMBER = re.compile(r"^(V2G20-\d+)$")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def requirement(id: str) -> Requirement:
    """The requirement with that id; ``V2G20-459`` is taken for ``[V2G20-459]``.

    Raises `DeclarationError` that names the nearest id when the catalogue has none.
    """
    cited = _BARE_NUMBER.sub(r"[\1]", id.strip())
    file = next((file for pattern, file in _FILES if pattern.match(cited)), None)
    if file is None:
        raise DeclarationError(
            f"{id} is no form of a requirement id; cite such as [V2G20-459], Q02.FR.07 or FIELD-LOOP-PACE"
        )
    catalogue = _catalogue(file)
    if cited not in catalogue:
        meant = nearest(cited, catalogue)
        raise DeclarationError(
            f"{id} is not in fixtures/requirements/{file}.yaml" + (f"; nearest: {meant}" if meant else "")
        )
    return catalogue[cited]


def is_known(id: str) -> bool:
    """Whether the catalogue has that id."""
    try:
        requirement(id)
    except DeclarationError:
        return False
    return True


def requirements(source: str | None = None) -> Iterator[Requirement]:
    """Every requirement, or those of one source (``ISO 15118-20``); reads every file."""
    for file in dict.fromkeys(file for _, file in _FILES):
        yield from (each for each in _catalogue(file).values() if source in (None, each.source))


def untested_requirements(roles: Iterable[str]) -> Iterator[Requirement]:
    """Those that one of the roles owes and no case or rule judges, for the reason that each gives in `untested`."""
    owing = set(roles)
    for file in dict.fromkeys(file for _, file in _FILES):
        if "untested: " in _text(file):  # most files have none, and parsing them all takes a second
            yield from (each for each in _catalogue(file).values() if each.untested and owing & {*each.roles})


def _text(file: str) -> str:
    return resource("fixtures", "requirements", f"{file}.yaml").read_text(encoding="utf-8")


@cache
def _catalogue(file: str) -> Mapping[str, Requirement]:
    tree = yaml.load(_text(file), Loader=_Loader)
    catalogue: dict[str, Requirement] = {}
    for entry in tree["requirements"]:
        for each in _entries({**tree["meta"], **entry}):
            if each.id in catalogue:
                raise DeclarationError(f"{each.id} stands twice in fixtures/requirements/{file}.yaml")
            catalogue[each.id] = each
    return catalogue


def _entries(values: dict[str, Any]) -> Iterator[Requirement]:
    ids = values.pop("ids", None) or [values.pop("id")]
    values["certainty"] = Certainty(values["certainty"])
    values["axis"] = Axis(values.get("axis", Axis.CONFORMANCE.value))
    for name in ("roles", "messages", "judged_on", "profiles", "refers_to"):
        values[name] = tuple(values.get(name, ()))
    for id in ids:
        yield Requirement(id=id, **values)
