"""The folder that holds all of one run, and the names inside it. It is written as the run goes and never overwritten."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from harness.errors import BenchError, UsageError

RUN = "run.json"
DESCRIPTION = "device.yaml"
CASE = "case.json"
MESSAGES = "messages.jsonl"
SAMPLES = "samples.jsonl"
CAPTURE = "capture.pcapng"

_UNSAFE = re.compile(r"[^A-Za-z0-9.+-]+")
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Bundle:
    """One report bundle; `folder` exists."""

    folder: Path

    @property
    def run(self) -> Path:
        """The one record of the run."""
        return self.folder / RUN

    @property
    def description(self) -> Path:
        """The device description as used, without secrets."""
        return self.folder / DESCRIPTION

    @property
    def evidence(self) -> Path:
        """Below it lies one folder for each case."""
        return self.folder / "evidence"

    def new_case_folder(self, case: str) -> Path:
        """A folder of its own for one execution of a case; a repetition gets a suffix."""
        return _new_folder(self.evidence, "_".join(safe_name(part) for part in case.split("_")), "-")

    def case_records(self) -> list[Path]:
        """Every ``case.json`` there is, in order of the folders' names."""
        return sorted(self.evidence.glob(f"*/{CASE}"))


def new_bundle(out: Path, device: Mapping[str, Any], started: datetime) -> Bundle:
    """Make the folder ``<utc>_<vendor>-<model>_<serial>`` below `out`; a run in the same second gets a suffix.

    Raises `BenchError` when the folder cannot be made.
    """
    stamp = started.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    vendor, model, serial = (safe_name(str(device.get(key) or "")) for key in ("vendor", "model", "serial"))
    bundle = Bundle(_new_folder(out, f"{stamp}_{vendor}-{model}_{serial}", "-"))
    bundle.evidence.mkdir()
    return bundle


def open_bundle(folder: Path) -> Bundle:
    """The bundle in `folder`; raises `UsageError` when there is none."""
    if not (folder / RUN).is_file():
        raise UsageError(f"{folder} is no report bundle: it holds no {RUN}; name a folder that a run has written")
    return Bundle(folder)


def newest_bundle(out: Path) -> Bundle:
    """The bundle written last below `out`, by its name; raises `UsageError` when there is none."""
    found = sorted((each.parent for each in out.glob(f"*/{RUN}")), key=lambda folder: folder.name)
    if not found:
        raise UsageError(f"{out} holds no report bundle yet; `v2x-harness run` writes one")
    return Bundle(found[-1])


def safe_name(text: str) -> str:
    """`text` as part of a file name on any system: ASCII letters, digits, point, plus and hyphen, at most 40."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _UNSAFE.sub("-", plain)[:_LONGEST_NAME].strip("-.") or "unknown"


def _new_folder(parent: Path, name: str, joint: str) -> Path:
    """Make a folder that nobody else has: making it is the test, so that two processes cannot both win."""
    try:
        parent.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            folder = parent / (name if number == 1 else f"{name}{joint}{number}")
            try:
                folder.mkdir()
            except FileExistsError:
                continue
            return folder
    except OSError as error:
        raise BenchError(
            f"cannot write to {parent}: {error.strerror or error}; choose another place with --out"
        ) from error
    raise AssertionError("count never ends")
