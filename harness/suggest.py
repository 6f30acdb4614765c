"""What somebody probably meant: the nearest known name to a name that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

_LEAST_LIKENESS = 0.6


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, upper and lower case aside; None when nothing comes near."""
    wanted = _plain(name)
    scored = [(SequenceMatcher(None, wanted, _plain(each)).ratio(), each) for each in known]
    likeness, best = max(scored, default=(0.0, ""))
    return best if likeness >= _LEAST_LIKENESS else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A remedy in words: the nearest known name, or all of them where nothing comes near and they are few."""
    names = list(known)
    if best := nearest(name, names):
        return f"did you mean {best}?"
    return (
        f"known: {', '.join(names)}" if 0 < len(names) <= 30 else "see docs/device-description.md for the known names"
    )


def _plain(name: str) -> str:
    return name.lower().replace("-", "_").replace(" ", "_")
