"""A record survives the round trip through JSON, and a file that is no record is refused with place and remedy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.evidence.json import _restore, read_run, record_text
from harness.evidence.record import CaseRecord, RunRecord

_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_floats = st.floats(allow_nan=False, allow_infinity=False)
_json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | _floats | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=6,
)
st.register_type_strategy(str, _texts)
st.register_type_strategy(float, _floats)

_runs = st.builds(
    RunRecord,
    version=st.just(1),
    device=st.dictionaries(_texts, _json_values, max_size=3),
    options=st.dictionaries(_texts, _json_values, max_size=3),
    cases=st.lists(st.from_type(CaseRecord), max_size=3).map(tuple),
)


@given(_runs)
def test_record_survives_the_round_trip(run: RunRecord) -> None:
    text = record_text(run)
    assert _restore(RunRecord, json.loads(text), Path("run.json")) == run


@given(_runs)
def test_record_is_written_the_same_way_every_time(run: RunRecord) -> None:
    text = record_text(run)
    again = record_text(_restore(RunRecord, json.loads(text), Path("run.json")))
    assert again == text


def _written(tmp_path: Path, change: Any) -> Path:
    data: dict[str, Any] = {
        "version": 1, "harness": "0.1", "command": "", "started": "", "ended": "", "elapsed": 1, "verdict": "PASS",
        "sentence": "", "exit_code": 0, "device": {}, "description": "", "environment": {}, "options": {},
    }  # fmt: skip
    data.update(change)
    path = tmp_path / "run.json"
    path.write_text(json.dumps({key: value for key, value in data.items() if value != "absent"}), encoding="utf-8")
    return path


def test_record_without_optional_fields_is_read(tmp_path: Path) -> None:
    run = read_run(_written(tmp_path, {}))
    assert run.complete
    assert run.elapsed == 1.0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 2}, "has version 2, and this harness reads version 1"),
        ({"version": "absent"}, "has no version"),
        ({"verdict": "SPLENDID"}, r"\$\.verdict is 'SPLENDID', expected one of NONE, PASS"),
        ({"elapsed": "soon"}, r"\$\.elapsed is str, expected int or float"),
        ({"exit_code": True}, r"\$\.exit_code is bool"),
        ({"cases": [{"id": "x"}]}, r"\$\.cases\[0\]\.covers is missing"),
        ({"cases": {}}, r"\$\.cases is dict, expected list"),
        ({"rules": [{"findings": [["only one"]]}]}, r"\$\.rules\[0\]"),
        ({"surprise": 1}, r"\$ has the unknown field surprise"),
        ({"harness": "absent"}, r"\$\.harness is missing"),
    ],
)
def test_record_that_does_not_fit_is_refused_with_its_place(tmp_path: Path, change: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said) as refused:
        read_run(_written(tmp_path, change))
    assert str(tmp_path / "run.json") in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"3", b"[" * 100_000])
def test_file_that_is_no_record_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"run\.json (is damaged|has no version)"):
        read_run(path)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_run(tmp_path / "run.json")
