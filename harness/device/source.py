"""A description file as text with places: plain values for the schema, and a line number for every path.

Reads YAML without trusting it: size, depth and number of values are bounded, aliases are refused (they can grow a small
file without end), and duplicate keys are errors, since YAML would silently keep the last.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from harness.device.problems import DescriptionProblems, Problem
from harness.suggest import did_you_mean

LARGEST = 1_000_000
"""Octets. A description of every role of a device with all values stays below 20,000."""

_DEEPEST = 20
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Source:
    """One description file: `tree` holds its values, `place` says where one stands."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.text = path, text
        self.problems: list[Problem] = []
        self._lines: dict[tuple[str | int, ...], int] = {(): 1}
        self._spans: dict[tuple[str | int, ...], tuple[int, int]] = {}
        self.tree = self._read()

    @property
    def sha256(self) -> str:
        """Of the file's text as UTF-8, in hex."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def place(self, path: Sequence[str | int]) -> str:
        """``acme.yaml:12 roles.secc.port``: the file, the nearest line that exists, and the path."""
        known = tuple(path)
        while known and known not in self._lines:
            known = known[:-1]
        return f"{self.path.name}:{self._lines[known]} {dotted(path)}".rstrip()

    def written(self, path: Sequence[str | int]) -> str | None:
        """The characters of the value as they stand in the file, or None when the path names no single value."""
        span = self._spans.get(tuple(path))
        return None if span is None else self.text[slice(*span)]

    def problem(self, path: Sequence[str | int], message: str, remedy: str = "") -> Problem:
        """A problem at that path of this file."""
        return Problem(self.place(path), message, remedy)

    def _read(self) -> Any:
        try:
            self._guard()
            node = yaml.compose(self.text, Loader=_Loader)
        except yaml.YAMLError as wrong:
            raise self._not_yaml(wrong) from None
        if node is None:
            raise self._refuse(1, "the file is empty", "`v2x-harness init` writes one to start from")
        return self._value(node, ())

    def _guard(self) -> None:
        """Refuses on the flat list of events what would make the recursive composer run away."""
        depth = 0
        for event in yaml.parse(self.text, Loader=_Loader):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise self._refuse(_line(event), "anchors and aliases are not read", "write the value out")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise self._refuse(_line(event), f"more than {_DEEPEST} levels deep", "remove the nesting")

    def _value(self, node: yaml.Node, path: tuple[str | int, ...]) -> Any:
        self._lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*path, number)) for number, item in enumerate(node.value)]
        self._spans[path] = (node.start_mark.index, node.end_mark.index)
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: tuple[str | int, ...]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.problems.append(self.problem(path, "a key is not a word", "write `name: value`"))
                continue
            here = (*path, key.value)
            if key.value in values:
                first = self._lines[here]
                line = key.start_mark.line + 1
                place = f"{self.path.name}:{line} {dotted(here)}"
                self.problems.append(Problem(place, f"stands twice, first in line {first}", "remove one of the two"))
                continue
            self._lines[here] = key.start_mark.line + 1
            values[key.value] = self._value(value, here)
        return values

    def _scalar(self, node: yaml.Node, path: tuple[str | int, ...]) -> Any:
        try:
            return _construct(node)
        except (yaml.YAMLError, ValueError, TypeError, AttributeError) as wrong:
            said = getattr(wrong, "problem", None) or str(wrong)
            self.problems.append(self.problem(path, f"not a value: {said}", "put it in quotes"))
            return ""

    def _not_yaml(self, wrong: yaml.YAMLError) -> DescriptionProblems:
        mark = getattr(wrong, "problem_mark", None) or getattr(wrong, "context_mark", None)
        said = getattr(wrong, "problem", None) or getattr(wrong, "reason", None) or "unreadable characters"
        tabs = "\t" in self.text
        remedy = "indent with spaces, not with tabs" if tabs else "check indentation, colons and quotes near this line"
        return self._refuse(mark.line + 1 if mark else 1, f"not YAML: {said}", remedy)

    def _refuse(self, line: int, message: str, remedy: str) -> DescriptionProblems:
        return DescriptionProblems((Problem(f"{self.path.name}:{line}", message, remedy),))


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _construct(node: yaml.Node) -> Any:
    """The value a scalar stands for; dates stay text, for no item of a description is one."""
    if node.tag in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:str"):
        return node.value
    return yaml.constructor.SafeConstructor().construct_object(node)


def dotted(path: Sequence[str | int]) -> str:
    """``pics.secc[2]``"""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def read_source(path: Path) -> Source:
    """The file at `path`; raises `DescriptionError` with the remedy when there is none, or it is no text."""
    try:
        octets = _octets(path)
    except FileNotFoundError:
        raise _unreadable(path, "there is no such file", _similar_file(path)) from None
    except IsADirectoryError:
        raise _unreadable(path, "this is a directory", "name the YAML file in it") from None
    except OSError as wrong:
        raise _unreadable(path, f"cannot be read: {wrong.strerror}", "check the path and its rights") from None
    if len(octets) > LARGEST:
        raise _unreadable(
            path, f"is larger than {LARGEST:,} octets", "this is no device description; name the right file"
        )
    try:
        return Source(path, octets.decode("utf-8-sig"))
    except UnicodeDecodeError as wrong:
        line = octets[: wrong.start].count(b"\n") + 1
        problem = Problem(f"{path.name}:{line}", "is not UTF-8 text", "save the file as UTF-8, or name the right file")
        raise DescriptionProblems((problem,)) from None


def _octets(path: Path) -> bytes:
    if path.exists() and not path.is_file() and not path.is_dir():
        raise OSError(22, "it is not a regular file")
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def _similar_file(path: Path) -> str:
    folder = path.parent
    names = sorted(each.name for each in folder.glob("*.y*ml")) if folder.is_dir() else []
    if not names:
        return "check the path, or let `v2x-harness init` write one"
    return did_you_mean(path.name, names)


def _unreadable(path: Path, message: str, remedy: str) -> DescriptionProblems:
    return DescriptionProblems((Problem(str(path), message, remedy),))
