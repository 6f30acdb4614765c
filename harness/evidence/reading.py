"""What a recorder wrote of one case, read back for reports: observations as plain data, without their octets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.evidence.bundle import MESSAGES


@dataclass(frozen=True, slots=True)
class Frame:
    """One line of ``messages.jsonl``. `at` is in s since the case began; `says` is the sentence of an event.

    `wall` is the wall time (ISO 8601), `message` is as `harness.evidence.json.message_json` wrote it.
    """

    number: int
    at: float
    link: str
    connection: int
    sender: str
    event: bool
    name: str
    says: str
    altered_by: str
    message: Any
    wall: str = ""


def read_frames(folder: Path) -> tuple[Frame, ...]:
    """The frames of one case, in order; none when nothing was seen. A line that a crash cut off is left out."""
    path = folder / MESSAGES
    return tuple(_frames(path)) if path.is_file() else ()


def _frames(path: Path) -> Iterator[Frame]:
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                yield _frame(json.loads(line))
            except (ValueError, KeyError, TypeError):
                continue


def _frame(line: dict[str, Any]) -> Frame:
    return Frame(
        number=int(line["number"]),
        at=float(line["at"]),
        link=str(line["link"]),
        connection=int(line["connection"]),
        sender=str(line["sender"]),
        event=line["kind"] == "event",
        name=str(line["name"]),
        says=str(line["says"]),
        altered_by=str(line["altered_by"]),
        message=line["message"],
        wall=str(line.get("wall", "")),
    )
