"""The charger's configuration file: `SeccSettings` in YAML, strict, with the place of every error."""

from __future__ import annotations

from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from harness.device.source import Source
from harness.errors import DescriptionError
from harness.suggest import did_you_mean
from harness.v2g.secc_settings import SeccSettings


def load_settings(path: Path) -> SeccSettings:
    """Read a configuration file; raises `DescriptionError` naming line, path and remedy. Absent keys keep defaults."""
    try:
        source = Source(path, path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DescriptionError(f"{path} cannot be read: {error.strerror}", remedy="give the path of a file") from error
    except UnicodeDecodeError as error:
        raise DescriptionError(f"{path} is no UTF-8 text", remedy="save it as UTF-8") from error
    if not isinstance(source.tree, dict):
        raise DescriptionError(
            "settings by name are expected", place=source.place(()), remedy="such as evse_id: DE*..."
        )
    _refuse_unknown(source, SeccSettings, source.tree, ())
    try:
        return TypeAdapter(SeccSettings).validate_python(source.tree)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        raise DescriptionError(first["msg"], place=source.place(first["loc"]), remedy=_remedy(first)) from None


def _refuse_unknown(source: Source, cls: type, tree: dict[str, Any], path: tuple[str, ...]) -> None:
    hints = get_type_hints(cls)
    for key, value in tree.items():
        here = (*path, str(key))
        if key not in hints:
            raise DescriptionError("unknown key", place=source.place(here), remedy=did_you_mean(str(key), hints))
        nested = next((each for each in _options(hints[key]) if is_dataclass(each)), None)
        if isinstance(nested, type) and isinstance(value, dict):
            _refuse_unknown(source, nested, value, here)


def _options(hint: Any) -> tuple[Any, ...]:
    return getattr(hint, "__args__", ()) or (hint,)


def _remedy(error: Any) -> str:
    return f"instead of {error['input']!r}" if not isinstance(error["input"], dict) else ""
