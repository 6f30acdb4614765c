"""`v2x-harness report` writes reports again from what lies in a bundle, and finds the page."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import pytest

from harness.cli import main
from harness.evidence.json import read_run
from tests.report.sample import SCENARIOS, failing, make_bundle, passing


def test_build_writes_every_report_and_names_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle, _ = make_bundle(tmp_path, SCENARIOS)
    assert main(["report", "build", str(bundle.folder)]) == 0
    said = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert said == [bundle.folder / name for name in ("report.html", "junit.xml", "allure-results")]
    assert all(path.exists() for path in said)


def test_build_twice_leaves_the_same_allure_results(tmp_path: Path) -> None:
    bundle, _ = make_bundle(tmp_path, [passing, failing])
    found = []
    for _ in range(2):
        assert main(["report", "build", str(bundle.folder)]) == 0
        found.append(sorted(each.name for each in (bundle.folder / "allure-results").iterdir()))
    assert found[0] == found[1]


def test_build_after_a_crash_puts_the_record_together_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle, run = make_bundle(tmp_path, [passing, failing])
    bundle.run.write_text(
        bundle.run.read_text(encoding="utf-8").replace('"complete": true', '"complete": false'), encoding="utf-8"
    )
    (bundle.folder / run.cases[1].evidence / "case.json").unlink()
    assert main(["report", "build", "--out", str(tmp_path)]) == 0
    assert "did not end" in capsys.readouterr().err
    rebuilt = read_run(bundle.run)
    assert [case.id for case in rebuilt.cases] == ["TC_SECC_DC_BPT_001"]
    assert not rebuilt.complete
    assert "incomplete" in (bundle.folder / "report.html").read_text(encoding="utf-8")


def test_open_shows_the_page_of_the_newest_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle, _ = make_bundle(tmp_path, [passing])
    main(["report", "build", str(bundle.folder)])
    shown: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: bool(shown.append(url)) or True)
    assert main(["report", "open", "--out", str(tmp_path)]) == 0
    assert shown == [(bundle.folder / "report.html").as_uri()]
    assert str(bundle.folder / "report.html") in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["build", "nowhere"], "nowhere is no report bundle"),
        (["build", "--out", "nowhere"], "holds no report bundle yet"),
        (["open", "bundle"], "report build"),
        (["build", "damaged"], "damaged"),
    ],
)
def test_wrong_bundle_is_refused_with_a_remedy(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    bundle, _ = make_bundle(tmp_path, [])
    bundle.folder.rename(tmp_path / "bundle")
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "run.json").write_text("{", encoding="utf-8")
    assert main(["report", *arguments]) == 3
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["polish"]])
def test_wrong_arguments_exit_with_3(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", *arguments]) == 3
    assert "usage" in capsys.readouterr().err
