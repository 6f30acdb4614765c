"""The JSON schemas of OCPP, as the `ocpp` package ships them, compiled once each.

This is the one place that knows where that package keeps them and how it names them.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import jsonschema_rs

from harness.errors import HarnessError
from harness.ocppj.versions import Version

Direction = Literal["request", "response"]

_URI = jsonschema_rs.validator_for({"format": "uri"}, validate_formats=True)
_ZONE = re.compile(r"%25[^]/]+]")
"""The zone of a link-local address in a URL (RFC 6874), which the validator does not know."""
_FOLDERS = {"1.6": "v16", "2.0.1": "v201", "2.1": "v21"}


@cache
def schema(version: Version, action: str, direction: Direction) -> dict[str, Any]:
    """The schema of one payload. Ask only for actions of `harness.ocppj.actions`, and for responses only where one exists."""
    folder = files("ocpp").joinpath(_FOLDERS[version], "schemas")
    for name in _names(version, action, direction):
        file = folder.joinpath(name)
        if file.is_file():
            found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8-sig"))
            return found
    raise HarnessError(f"the ocpp package has no schema for the {direction} {action} of OCPP {version}; reinstall it")


@cache
def validator(version: Version, action: str, direction: Direction) -> Any:
    """The compiled validator of one payload; formats are checked, multiples exactly."""
    return jsonschema_rs.validator_for(
        schema(version, action, direction), validate_formats=True, formats={"uri": _is_uri}
    )


def _is_uri(value: str) -> bool:
    return bool(_URI.is_valid(_ZONE.sub("]", value)))


def _names(version: Version, action: str, direction: Direction) -> tuple[str, ...]:
    if direction == "response":
        return (f"{action}Response.json",)
    plain = f"{action}.json"  # all requests of 1.6, and the SEND of 2.1
    return (plain,) if version == "1.6" else (f"{action}Request.json", plain)
