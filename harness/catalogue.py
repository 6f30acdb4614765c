"""All cases there are, found by importing the modules of testcases/, without a runner."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import harness.rules  # noqa: F401 - registers the rules, so that whoever lists cases finds both
from harness.errors import HarnessError
from harness.resources import resource
from harness.verdict.declare import CaseDeclaration, case_declaration


@cache
def case_functions() -> dict[str, tuple[Callable[..., Any], CaseDeclaration]]:
    """Every declared case: id to its function and declaration, in order of ids. An id twice raises `HarnessError`."""
    found: dict[str, tuple[Callable[..., Any], CaseDeclaration]] = {}
    for path in sorted(resource("testcases").rglob("test_*.py")):
        for _, value in inspect.getmembers(_module(path), inspect.isfunction):
            declaration = case_declaration(value)
            if declaration is None:
                continue
            if declaration.id in found:
                raise HarnessError(f"{declaration.id} is declared twice, the second time in {path.name}")
            found[declaration.id] = value, declaration
    return dict(sorted(found.items()))


def nodeid_of(function: Callable[..., Any]) -> str:
    """How pytest names a case when the folder of cases is its root."""
    path = Path(inspect.getfile(function)).relative_to(resource("testcases"))
    return f"{path.as_posix()}::{function.__name__}"


def cases() -> tuple[CaseDeclaration, ...]:
    """Every declared case, by id."""
    return tuple(declaration for _, declaration in case_functions().values())


def _module(path: Path) -> ModuleType:
    name = "v2x_testcases." + ".".join(path.relative_to(resource("testcases")).with_suffix("").parts)
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]
