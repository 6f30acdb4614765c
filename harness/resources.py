"""Where the harness's own data lie: beside the package in a checkout, inside it in an installed wheel."""

from __future__ import annotations

from pathlib import Path

from harness.errors import HarnessError

_PACKAGE = Path(__file__).resolve().parent
_PLACES = (_PACKAGE / "bundled", _PACKAGE.parent)


def resource(*parts: str) -> Path:
    """The path of a resource such as ``resource("fixtures", "devices")``; raises `HarnessError` when it is missing."""
    for place in _PLACES:
        found = place.joinpath(*parts)
        if found.exists():
            return found
    raise HarnessError(f"{'/'.join(parts)} is missing from this installation; reinstall v2x-harness")
