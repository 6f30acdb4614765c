"""What the schema library says about a wrong value, in words for the author of the file."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from harness.device.problems import Problem
from harness.device.source import Source
from harness.suggest import did_you_mean, nearest

_KINDS = {
    "string_type": ("text", "put it in quotes"),
    "int_type": ("a whole number", "write a number without quotes, point or unit"),
    "bool_type": ("true or false", "write true or false"),
    "model_type": ("a group of items", "write `name: value` lines below it, indented"),
    "model_attributes_type": ("a group of items", "write `name: value` lines below it, indented"),
    "dict_type": ("a group of items", "write `name: value` lines below it, indented"),
    "tuple_type": ("a list", "write [a, b] or lines beginning with a dash"),
}


def problems_of(errors: Iterable[Any], source: Source, root: type[BaseModel]) -> list[Problem]:
    """One problem per place: of several alternatives that a value might have met, the first is told."""
    problems: dict[tuple[str | int, ...], Problem] = {}
    for error in errors:
        path, model = _walk(source.tree, error["loc"], root)
        problems.setdefault(path, _problem(error, path, model, source))
    return list(problems.values())


def _problem(error: Any, path: tuple[str | int, ...], model: type[BaseModel] | None, source: Source) -> Problem:
    kind, context = error["type"], error.get("ctx") or {}
    message, remedy = error["msg"], ""
    if error["loc"][-1] == "[key]":
        message, remedy = "unknown key", did_you_mean(str(path[-1]), _words(context["expected"]))
    elif kind == "extra_forbidden":
        message, remedy = "unknown key", did_you_mean(str(path[-1]), tuple(model.model_fields) if model else ())
    elif kind == "missing":
        message, remedy = _missing(path, model)
    elif kind == "item":
        message, remedy = context["message"], context["remedy"]
    elif kind == "quantity":
        message = context["why"]
    elif kind in ("literal_error", "enum"):
        message, remedy = _not_one_of(source.written(path), context["expected"])
    elif kind == "union_tag_invalid":
        message, remedy = _not_one_of(context["tag"], context["expected_tags"])
    elif kind in _KINDS:
        message, remedy = _wrong_kind(kind, error["input"], source.written(path))
    else:
        message = _plain(message)
    return source.problem(path, message, remedy)


def _missing(path: tuple[str | int, ...], model: type[BaseModel] | None) -> tuple[str, str]:
    field = model.model_fields.get(str(path[-1])) if model else None
    meaning = field.description if field and field.description else ""
    return "is missing", f"add `{path[-1]}: ...`" + (f"; {meaning}" if meaning else "")


def _not_one_of(written: str | None, expected: str) -> tuple[str, str]:
    words = _words(expected)
    meant = nearest(written or "", words)
    return f"{written or 'the value'} is not one of {', '.join(words)}", f"did you mean {meant}?" if meant else ""


def _words(expected: str) -> list[str]:
    return expected.replace("'", "").replace(" or ", ", ").split(", ")


def _wrong_kind(kind: str, value: Any, written: str | None) -> tuple[str, str]:
    wanted, remedy = _KINDS[kind]
    if value is None:
        return "has no value", "write a value after the colon, or remove the line"
    if kind == "string_type" and written is not None:
        return f"{written} is read as {_kind_of(value)}, not as text", f"put it in quotes: '{written}'"
    return f"is not {wanted}", remedy


def _kind_of(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    return (
        "a number" if isinstance(value, (int, float)) else "a list" if isinstance(value, list) else "a group of items"
    )


def _plain(message: str) -> str:
    return message.replace("Input should", "should").replace("String should", "should").replace("Value error, ", "")


def _walk(
    tree: Any, location: Sequence[str | int], root: type[BaseModel]
) -> tuple[tuple[str | int, ...], type[BaseModel] | None]:
    """The path in the file, and the model that its last key belongs to.

    The library's location also names alternatives of a union (``http``), which are no keys of the file.
    """
    path: list[str | int] = []
    model, annotation = None, typing.cast(Any, root)
    for position, part in enumerate(location):
        models = _models(annotation)
        if len(models) > 1 and (chosen := [each for each in models if _tag(each) == part]):
            annotation = chosen[0]
        elif _present(tree, part) or (position == len(location) - 1 and isinstance(tree, (Mapping, list))):
            path.append(part)
            tree = tree[part] if _present(tree, part) else None
            model = models[0] if models else None
            known = model is not None and part in model.model_fields
            annotation = model.model_fields[str(part)].annotation if model and known else _inner(annotation)
    return tuple(path), model


def _present(tree: Any, part: str | int) -> bool:
    if isinstance(tree, Mapping):
        return part in tree
    return isinstance(tree, list) and isinstance(part, int) and part < len(tree)


def _tag(model: type[BaseModel]) -> str | None:
    field = model.model_fields.get("kind")
    return field.default if field and len(typing.get_args(field.annotation)) == 1 else None


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if typing.get_origin(annotation) in (typing.Union, types.UnionType, typing.Annotated):
        return [model for each in typing.get_args(annotation) for model in _models(each)]
    return []


def _inner(annotation: Any) -> Any:
    """What a list or dictionary holds."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is dict:
        return arguments[1]
    if origin is tuple:
        return arguments[0]
    if origin is typing.Annotated:
        return _inner(arguments[0])
    return None
