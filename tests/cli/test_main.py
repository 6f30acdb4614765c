"""The command line as a whole: every command is there, and what is wrong is said in words with the right code."""

from __future__ import annotations

import importlib

import pytest

from harness import cli
from harness.errors import BenchError, CodecError, DescriptionError, HarnessError, UsageError


def test_every_command_has_its_module_and_stands_in_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    said = capsys.readouterr().out
    for name, what in cli.COMMANDS.items():
        assert callable(importlib.import_module(f"harness.cli.{'listing' if name == 'list' else name}").main)
        assert name in said and what in said


def test_no_command_at_all_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 3
    assert "usage: v2x-harness COMMAND" in capsys.readouterr().out


def test_an_unknown_command_suggests_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explian"]) == 3
    assert "unknown command explian: did you mean explain?" in capsys.readouterr().err


@pytest.mark.parametrize("command", sorted(cli.COMMANDS))
def test_every_command_helps_and_takes_no_nonsense(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([command, "--help"]) == 0
    assert f"v2x-harness {command}" in capsys.readouterr().out
    assert cli.main([command, "--nonsense"]) == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (UsageError("no"), 3),
        (DescriptionError("no"), 3),
        (BenchError("no"), 4),
        (CodecError("no"), 4),
        (HarnessError("no"), 4),
        (KeyboardInterrupt(), 130),
        (BrokenPipeError(), 0),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_what_ends_a_command_becomes_a_code_and_a_line(
    raised: BaseException, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_arguments: list[str]) -> int:
        raise raised

    monkeypatch.setattr("harness.cli.explain.main", broken)
    assert cli.main(["explain", "x"]) == code
    said = capsys.readouterr().err
    assert said == ("" if not isinstance(raised, HarnessError) else said)
    assert ("v2x-harness explain: " in said) is isinstance(raised, HarnessError)
