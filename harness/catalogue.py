"""All cases there are, found by importing the modules of testcases/, without a runner."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import harness.rules  # noqa: F401 - registers the rules, so that whoever lists cases finds both
from harness.resources import resource
from harness.verdict.declare import CaseDeclaration, case_declaration


@cache
def cases() -> tuple[CaseDeclaration, ...]:
    """Every declared case, by id."""
    found = [
        declaration
        for path in sorted(resource("testcases").rglob("test_*.py"))
        for value in vars(_module(path)).values()
        if (declaration := case_declaration(value)) is not None
    ]
    return tuple(sorted(found, key=lambda declaration: declaration.id))


def _module(path: Path) -> ModuleType:
    name = "v2x_testcases." + ".".join(path.relative_to(resource("testcases")).with_suffix("").parts)
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]
