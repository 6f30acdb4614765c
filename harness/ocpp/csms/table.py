"""Records of one kind, each under its key, that remember which of them changed since they were last saved."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Generic, TypeVar

Record = TypeVar("Record")


class Table(MutableMapping[str, Record], Generic[Record]):
    """A mapping in order of insertion. Records are frozen values: a change is a new record under the same key.

    `most` bounds how many are kept; the oldest leave first.
    """

    def __init__(self, name: str, kind: type[Record], most: int | None = None) -> None:
        self.name, self.kind, self._most = name, kind, most
        self._rows: dict[str, Record] = {}
        self._changed: set[str] = set()
        self._appended = 0

    def __getitem__(self, key: str) -> Record:
        return self._rows[key]

    def __setitem__(self, key: str, record: Record) -> None:
        self._rows[key] = record
        self._changed.add(key)
        if self._most is not None and len(self._rows) > self._most:
            del self[next(iter(self._rows))]

    def __delitem__(self, key: str) -> None:
        del self._rows[key]
        self._changed.add(key)

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._rows))

    def __len__(self) -> int:
        return len(self._rows)

    def append(self, record: Record) -> None:
        """Keep a record under the next running number."""
        self._appended += 1
        self[f"{self._appended:09d}"] = record

    def restore(self, key: str, record: Record) -> None:
        """Take a saved record back; it counts as saved."""
        self._rows[key] = record
        if key.isdecimal():
            self._appended = max(self._appended, int(key))

    def changes(self) -> Iterator[tuple[str, Record | None]]:
        """What changed since the last call, by key; None for what was removed."""
        changed, self._changed = self._changed, set()
        for key in sorted(changed):
            yield key, self._rows.get(key)
