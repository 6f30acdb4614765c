"""Every report of a bundle: functions of the run record and the evidence, so they can be written again at any time."""

from __future__ import annotations

import shutil
from pathlib import Path

from harness.errors import BenchError
from harness.evidence.bundle import Bundle
from harness.evidence.record import RunRecord
from harness.report.allure import write_allure
from harness.report.html import report_html
from harness.report.junit import junit_xml

PAGE, JUNIT, ALLURE = "report.html", "junit.xml", "allure-results"


def write_reports(bundle: Bundle, run: RunRecord) -> list[Path]:
    """Write (or write again) all reports beside ``run.json``; returns their paths, the page first.

    Raises `BenchError` when the folder cannot be written.
    """
    page, junit, allure = (bundle.folder / name for name in (PAGE, JUNIT, ALLURE))
    try:
        junit.write_text(junit_xml(run, bundle.folder.name), encoding="utf-8")
        page.write_text(report_html(run, bundle.folder), encoding="utf-8")
        shutil.rmtree(allure, ignore_errors=True)  # results of a former build would count twice
        allure.mkdir()
        write_allure(run, bundle.folder, allure)
    except OSError as error:
        raise BenchError(
            f"cannot write reports to {bundle.folder}: {error.strerror or error}; free space there"
        ) from error
    return [page, junit, allure]
