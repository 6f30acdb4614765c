"""Wall time as OCPP writes it: RFC 3339, in UTC, with milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def stamp(at: datetime) -> str:
    """``2026-03-01T12:00:00.000Z``"""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: Any) -> datetime | None:
    """The instant that a date-time means; None for what is none. Without an offset (1.6 allows that) UTC is meant."""
    try:
        read = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
