"""Every name a description can use, in words: for `v2x-harness explain` and for docs/device-description.md.

    python -m harness.device.vocabulary docs/device-description.md     writes the tables of that page anew

Nothing is written here twice: items, units, defaults and meanings come from where they are declared.
"""

from __future__ import annotations

import re
import sys
import typing
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from harness.device.bench import (
    ACTIONS,
    Bench,
    CommandAction,
    GridSource,
    HttpAction,
    Meter,
    NoAction,
    OperatorAction,
    ReferenceAction,
    Trigger,
)
from harness.device.certificates import Certificates, Credentials, LinkCertificates, V2gCertificates
from harness.device.description import Device, DeviceDescription
from harness.device.pics import VOCABULARIES, all_names, item
from harness.device.pixit import AggregatorPixit, CsmsPixit, EvccPixit, Pixit, SeccPixit, StationPixit
from harness.device.roles import AggregatorAccess, CsmsAccess, EvccAccess, Roles, SeccAccess, StationAccess
from harness.device.units import Tolerance, Unit

SECTIONS: dict[str, type[BaseModel]] = {
    "": DeviceDescription,
    "device": Device,
    "roles": Roles,
    "roles.secc": SeccAccess,
    "roles.evcc": EvccAccess,
    "roles.station": StationAccess,
    "roles.csms": CsmsAccess,
    "roles.aggregator": AggregatorAccess,
    "pixit": Pixit,
    "pixit.secc": SeccPixit,
    "pixit.evcc": EvccPixit,
    "pixit.station": StationPixit,
    "pixit.csms": CsmsPixit,
    "pixit.aggregator": AggregatorPixit,
    "bench": Bench,
    "bench.meter": Meter,
    "bench.grid_source": GridSource,
    "bench.trigger": Trigger,
    "bench.trigger.actions.* (http)": HttpAction,
    "bench.trigger.actions.* (command)": CommandAction,
    "bench.trigger.actions.* (operator)": OperatorAction,
    "bench.trigger.actions.* (reference)": ReferenceAction,
    "bench.trigger.actions.* (none)": NoAction,
    "certificates": Certificates,
    "certificates.v2g": V2gCertificates,
    "certificates.ocpp, certificates.openadr": LinkCertificates,
    "certificates.v2g.contract, certificates.v2g.provisioning": Credentials,
}


def explain(name: str) -> str | None:
    """A claim (``SECC.DC_BPT``), all claims of a role (``SECC``), a key (``pixit.secc.ramp_time``) or a bench action.

    None for anything else; `names` lists what can be asked for.
    """
    if claim := item(name.upper()):
        needs = f"\nGoes with: {claim.needs}" if claim.needs else ""
        short = claim.name.partition(".")[2]
        return (
            f"{claim.name}: {claim.title}\n{claim.meaning}\nSource: {claim.source}{needs}\n"
            f"Claimed in a description by: pics: {{{claim.role}: [{short}]}}"
        )
    if vocabulary := VOCABULARIES.get(name.lower()):
        return f"What a {vocabulary.role} can claim:\n" + "\n".join(
            f"  {each.name}: {each.title}" for each in vocabulary
        )
    if name in ACTIONS:
        return f"Bench action {name}: {ACTIONS[name].meaning}\nDescribed under bench.trigger.actions.{name}." + _values(
            name
        )
    section, _, key = name.rpartition(".")
    model = SECTIONS.get(section)
    field = model.model_fields.get(key) if model else None
    return None if field is None else "\n".join(_explained(name, field))


def names() -> tuple[str, ...]:
    """Everything that `explain` knows."""
    keys = (f"{section}.{key}".lstrip(".") for section, model in SECTIONS.items() for key in model.model_fields)
    return (*all_names(), *(role.upper() for role in VOCABULARIES), *ACTIONS, *(key for key in keys if "*" not in key))


def _explained(name: str, field: FieldInfo) -> Iterator[str]:
    yield f"{name}: {field.description or ''}"
    yield f"Kind: {kind_of(field)}; default: {default_of(field)}"
    if source := _source(field):
        yield f"Source: {source}"


def _values(name: str) -> str:
    values = ACTIONS[name].values
    return f"\nValues for commands and addresses: {', '.join(f'{{{each}}}' for each in values)}" if values else ""


def kind_of(field: FieldInfo) -> str:
    """What kind of value an item takes, with its unit."""
    unit = next((each for each in field.metadata if isinstance(each, Unit)), None)
    if unit is not None:
        tolerance = "tolerance, " if field.annotation is Tolerance else ""
        return f"{tolerance}{unit.base or 'share'}{' or %' if tolerance or not unit.base else ''}"
    return _kind(field.annotation)


def _kind(annotation: Any) -> str:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _kind(arguments[0])
    if origin is typing.Literal:
        return ", ".join(str(each) for each in arguments)
    if origin is tuple:
        return f"list of {_kind(arguments[0])}"
    if origin is dict:
        return f"{_kind(arguments[1])} by name" if arguments[1] is not str else "texts by name"
    if arguments:
        return " or ".join(dict.fromkeys(_kind(each) for each in arguments if each is not type(None)))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "section"
    words = {str: "text", int: "whole number", bool: "true or false", Path: "file"}
    return words.get(annotation, getattr(annotation, "__name__", str(annotation)))


def default_of(field: FieldInfo) -> str:
    """The default as one would write it."""
    if field.is_required():
        return "required"
    value = field.default
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, BaseModel) or value in (None, (), {}):
        return "–"
    unit = next((each for each in field.metadata if isinstance(each, Unit)), None)
    if isinstance(value, Tolerance) and unit:
        return _tolerance(value, unit)
    if unit and isinstance(value, float):
        return f"{value:g} {unit.base}".strip() if unit.base else f"{value * 100:g} %"
    return str(value)


def _tolerance(value: Tolerance, unit: Unit) -> str:
    parts = [f"{value.share * 100:g} %"] if value.share else []
    parts += [f"{value.amount:g} {unit.base}"] if value.amount else []
    return " or ".join(parts)


def _source(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    return str(extra.get("source", "")) if isinstance(extra, dict) else ""


def tables() -> dict[str, str]:
    """The tables of the documentation, by the name that stands in its markers."""
    written = {f"pics {role}": _claims_table(role) for role in VOCABULARIES}
    written["actions"] = _actions_table()
    for section, model in SECTIONS.items():
        written[f"section {section}".strip()] = _section_table(model)
    return written


def _section_table(model: type[BaseModel]) -> str:
    rows = [
        (f"`{key}`", kind_of(field), default_of(field), field.description or "", _source(field))
        for key, field in model.model_fields.items()
    ]
    return _table(("item", "kind", "default", "meaning", "source"), rows)


def _claims_table(role: str) -> str:
    rows = [
        (f"`{each.name.partition('.')[2]}`", each.title, each.meaning, str(each.needs or ""), each.source)
        for each in VOCABULARIES[role]
    ]
    return _table(("claim", "in words", "promise", "goes with", "source"), rows)


def _actions_table() -> str:
    rows = [
        (f"`{name}`", each.meaning, " ".join(f"`{{{value}}}`" for value in each.values))
        for name, each in ACTIONS.items()
    ]
    return _table(("action", "meaning", "values"), rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    used = [column for column in range(len(head)) if any(row[column] for row in rows)]
    lines = [[head[column] for column in used], ["---"] * len(used)]
    lines += [[row[column].replace("|", "or").replace("\n", " ") for column in used] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


_BLOCK = re.compile(r"(<!-- table: (?P<name>[^>]*?) -->\n).*?(<!-- end -->)", re.DOTALL)


def renewed(page: str) -> str:
    """A documentation page with every table between its markers written anew; raises `KeyError` for an unknown name."""
    known = tables()
    return _BLOCK.sub(lambda block: f"{block[1]}\n{known[block['name']]}\n\n{block[3]}", page)


def tables_of(page: str) -> tuple[str, ...]:
    """The names of the tables that a page holds."""
    return tuple(block["name"] for block in _BLOCK.finditer(page))


if __name__ == "__main__":
    for file in map(Path, sys.argv[1:]):
        file.write_text(renewed(file.read_text(encoding="utf-8")), encoding="utf-8")
