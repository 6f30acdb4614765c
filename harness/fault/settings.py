"""Wrong settings: the device works as built, but with a configuration it must not have."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from harness.errors import UsageError
from harness.fault.fault import Fault


@dataclass(frozen=True)
class MisSet(Fault):
    """Has `value` at a dotted path of its settings, such as ``tls.minimum``; settings without that path raise."""

    path: str
    value: Any

    def on_settings(self, settings: Any) -> Any:
        return _set(settings, self.path.split("."), self.value, self.path)


def _set(part: Any, names: list[str], value: Any, path: str) -> Any:
    first, *rest = names
    if first not in {each.name for each in fields(part)}:
        raise UsageError(f"the settings have no {path}")
    return replace(part, **{first: _set(getattr(part, first), rest, value, path) if rest else value})
