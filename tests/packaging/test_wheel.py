"""The wheel alone is enough on a lab machine: cases, fixtures and recipes come with it, and the commands work anywhere."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

from harness.catalogue import cases
from harness.evidence.json import read_run
from tests.runs import ROOT, clean

pytestmark = pytest.mark.xdist_group("wheel")
OFFLINE = re.compile(r"Could not find a version|ConnectionError|Temporary failure|Max retries|NewConnectionError")
APP_PROTOCOL = "80400040"
"""A supportedAppProtocolRes with OK_SuccessfulNegotiation and SchemaID 1."""


def pip(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments],
        capture_output=True,
        text=True,
        env=clean(),
        check=False,
    )
    if done.returncode and OFFLINE.search(done.stderr):
        pytest.skip("the package index, from which the build tool comes, cannot be reached")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def data() -> set[str]:
    """What must come along, as it lies in the checkout before the wheel is made."""
    return {
        path.relative_to(ROOT).as_posix()
        for folder in ("testcases", "fixtures", "certs")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in path.relative_to(ROOT).parts)
    }


@pytest.fixture(scope="module")
def wheel(data: set[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert data  # gathered before the wheel is made
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", str(ROOT), "--no-deps", "--wheel-dir", str(folder))
    (made,) = folder.glob("v2x_harness-*.whl")
    return made


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of an environment that holds the wheel; what it depends on is lent from ours."""
    home = tmp_path_factory.mktemp("bare")
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    pip("--python", str(python), "install", "--no-deps", "--no-index", str(wheel))
    (packages,) = home.glob("lib/python*/site-packages")
    (packages / "lent.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    return home / "bin"


def said(command: Path, *arguments: str, where: Path) -> str:
    done = subprocess.run(
        [str(command), *arguments], cwd=where, capture_output=True, text=True, env=clean(), timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_carries_cases_fixtures_and_recipes(wheel: Path, data: set[str]) -> None:
    carried = set(ZipFile(wheel).namelist())
    assert {f"harness/bundled/{name}" for name in data} - carried == set()
    assert not [name for name in carried if name.startswith(("tests/", "reports/", "interop/")) or "/.venv/" in name]


def test_the_commands_work_far_from_any_checkout(bare: Path, tmp_path: Path) -> None:
    harness = bare / "v2x-harness"
    lives = said(bare / "python", "-c", "import harness; print(harness.__file__)", where=tmp_path)
    assert Path(lives.strip()).is_relative_to(bare.parent)

    assert f"{len(cases())} cases" in said(harness, "list", where=tmp_path)
    decoded = said(harness, "exi", "decode", "--schema", "AppProtocol", APP_PROTOCOL, where=tmp_path)
    assert "supportedAppProtocolRes" in decoded
    assert said(harness, "exi", "encode", "--schema", "AppProtocol", decoded, where=tmp_path).strip() == APP_PROTOCOL

    said(harness, "run", "--virtual-time", "--select", "TC_SECC_Session_001", "-n", "1", where=tmp_path)
    (folder,) = (tmp_path / "reports").iterdir()
    record = read_run(folder / "run.json")
    assert [case.id for case in record.cases] == ["TC_SECC_Session_001"]
    assert record.exit_code == 0
    assert (folder / "report.html").is_file()
