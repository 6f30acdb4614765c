"""Who may import whom, read from the imports themselves."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EVERYWHERE = {"errors", "suggest"}
"""What every package may import."""

ALLOWED = {
    "errors": set(),
    "suggest": set(),
    "resources": set(),
    "declare": set(),
    "messages": {"declare"},
    "exi": {"declare"},
    "quantity": {"messages"},
    "link": set(),
    "fault": set(),
    "grid": {"quantity", "messages"},
    "v2g": {"declare", "grid", "messages", "quantity", "link"},
    "ocppj": set(),
    "ocpp": {"grid", "ocppj", "link"},
    "device": {"resources"},
    "pki": {"device", "resources"},
    "verdict": {"link", "resources"},
    "evidence": {"link", "verdict", "device"},
    "report": {"evidence", "verdict", "device"},
    "mutants": {"fault", "messages", "v2g", "link", "quantity"},
    "actor": {
        *{"resources", "messages", "exi", "quantity", "link", "fault", "grid", "v2g", "ocppj", "ocpp", "device", "pki"},
        "verdict",
    },
    "rules": {"actor", "device", "link", "messages", "ocpp", "ocppj", "quantity", "v2g", "verdict", "grid"},
    "catalogue": {"resources", "rules", "verdict"},
    "vocabulary": {"actor", "device", "fault", "link", "ocpp", "quantity", "v2g", "verdict"},
}
"""Package or module of harness/ to what it may import besides EVERYWHERE; plugin and cli may import everything."""

UNBOUND = {"plugin", "cli"}
PURE = ("messages", "exi", "v2g", "ocppj", "ocpp", "grid", "declare", "quantity", "verdict", "rules")
IMPURE = {"asyncio", "ssl", "socket", "time", "pytest", "threading", "subprocess"}


def sources(package: str) -> list[Path]:
    folder = ROOT / "harness" / package
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]


def imported(path: Path) -> set[str]:
    """The dotted names of all modules that a file imports, wherever it does so."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= (
                {f"{node.module}.{alias.name}" for alias in node.names} if node.module == "harness" else {node.module}
            )
    return found


def packages() -> list[str]:
    folders = [each.name for each in (ROOT / "harness").iterdir() if each.is_dir() and (each / "__init__.py").exists()]
    modules = [each.stem for each in (ROOT / "harness").glob("*.py") if each.stem != "__init__"]
    return sorted(folders + modules)


def test_every_package_has_its_place_in_the_layers() -> None:
    assert set(packages()) - UNBOUND == set(ALLOWED) & set(packages())


@pytest.mark.parametrize("package", sorted(set(ALLOWED) & set(packages())))
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    allowed = ALLOWED[package] | EVERYWHERE | {package}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources(package)
        for name in sorted(imported(path))
        if name.startswith("harness.") and name.split(".")[1] not in allowed
    ]
    assert not wrong


@pytest.mark.parametrize("package", sorted(set(PURE) & set(packages())))
def test_a_pure_package_knows_no_clock_no_socket_and_no_runner(package: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources(package)
        for name in sorted(imported(path))
        if name.split(".")[0] in IMPURE
    ]
    assert not wrong


def test_only_the_plugin_and_the_commands_know_pytest() -> None:
    knowing = {
        path.relative_to(ROOT / "harness").parts[0]
        for path in (ROOT / "harness").rglob("*.py")
        if any(name.split(".")[0] in ("pytest", "_pytest") for name in imported(path))
    }
    assert knowing <= {"plugin", "cli"}


def test_cases_import_only_the_vocabulary_the_messages_and_the_readings() -> None:
    allowed = ("harness.vocabulary", "harness.messages", "harness.v2g.readings", "harness.ocpp.readings")
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sorted((ROOT / "testcases").rglob("*.py"))
        for name in sorted(imported(path))
        if name.split(".")[0] == "harness" and not name.startswith(allowed)
    ]
    assert not wrong
