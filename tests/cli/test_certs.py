"""`v2x-harness certs`: exit codes, and what a person reads."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.cli.certs import main

NOW = datetime(2026, 3, 1, tzinfo=UTC)
Said = pytest.CaptureFixture[str]


@pytest.fixture
def made(tmp_path: Path, capsys: Said) -> Path:
    assert main(["make", "flawed", "--out", str(tmp_path / "pki")], NOW) == 0
    capsys.readouterr()
    return tmp_path / "pki"


def test_make_lists_what_it_wrote(tmp_path: Path, capsys: Said) -> None:
    assert main(["make", "standard", "--out", str(tmp_path)], NOW) == 0
    paths = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert tmp_path / "secc" / "key.pem" in paths
    assert all(path.exists() for path in paths)


def test_check_of_a_sound_chain_says_so(made: Path, capsys: Said) -> None:
    roots = str(made / "roots" / "v2g_root.pem")
    assert main(["check", str(made / "secc" / "chain.pem"), "--roots", roots], NOW) == 0
    assert capsys.readouterr().out.endswith("fits the secc profile.\n")


def test_check_without_roots_says_what_was_not_checked(made: Path, capsys: Said) -> None:
    assert main(["check", str(made / "vehicle" / "chain.pem")], NOW) == 0
    assert "name roots with --roots" in capsys.readouterr().out


def test_check_of_a_deviating_chain_says_expected_and_actual(made: Path, capsys: Said) -> None:
    assert main(["check", str(made / "secc_expired" / "chain.pem")], NOW) == 1
    said = capsys.readouterr().out
    assert "certificate 1: validity: expected lasting beyond 2026-03-01, actual ended on 2026-02-28" in said
    assert "deviates from the secc profile in 1 point." in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["make", "standrd", "--out", "x"], "did you mean standard?"),
        (["make", "standard"], "--out"),
        (["check", "missing.pem"], "cannot be read"),
        (["check", "{made}/secc/key.pem"], "no PEM certificates"),
        (["check", "{made}/secc_wrong_usage/chain.pem", "--profile", "sec"], "invalid choice"),
        (["check", "{made}/vehicle_wrong_usage/chain.pem"], "name it: --profile"),
        (["make", "standard", "--out", "{made}/secc/key.pem"], "cannot be written"),
        ([], "usage"),
    ],
)
def test_wrong_use_ends_with_3_and_a_remedy(arguments: list[str], said: str, made: Path, capsys: Said) -> None:
    assert main([each.format(made=made) for each in arguments], NOW) == 3
    spoken = capsys.readouterr()
    assert said in spoken.err
    assert spoken.out == ""
