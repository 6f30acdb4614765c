"""What the suite found with foreign devices, held against what is known of them (adjudicated.yaml, adjudicated_ocpp.yaml).

    python -m interop.findings FOLDER [--write]

FOLDER holds a bundle for each variant, as `python -m interop` leaves them. Prints the tables of docs/interop.md (or, with
--write, puts them there) and what needs a decision; exit code 1 where something does.

A cause names who is at fault and why, and the findings that follow from it. A finding without a cause may be the fault of
the harness; a cause that a whole run did not meet again means that the harness has become blind, or the device another one.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from harness.evidence.bundle import newest_bundle
from harness.evidence.json import read_run
from harness.evidence.record import RunRecord
from harness.verdict.verdict import Axis, Finding, Verdict
from interop.setup_iso15118 import ROOT
from interop.variants import ALL, FAMILIES

_HERE = Path(__file__).parent
ADJUDICATED = {"secc": _HERE / "adjudicated.yaml", "ocpp": _HERE / "adjudicated_ocpp.yaml"}
DOCUMENT = ROOT / "docs" / "interop.md"
_BEGIN, _END = "<!-- findings of {}: begin -->", "<!-- findings of {}: end -->"
_FAULTS = ("device", "bench")


@dataclass(frozen=True, slots=True)
class Seen:
    """One finding of one run, in the traffic of `case`; what ended a case with an error is one as well."""

    variant: str
    case: str
    source: str
    text: str
    kind: str
    frame: int | None


@dataclass(frozen=True, slots=True)
class Trait:
    """What findings of a cause look like: their source, and a pattern in ``requirement: expected ..., got ...``.

    `variants` are those in which a whole run meets it; of one that is met `sometimes` nothing is expected.
    """

    source: str
    says: re.Pattern[str]
    variants: tuple[str, ...]
    sometimes: bool

    def fits(self, seen: Seen) -> bool:
        return seen.source == self.source and self.says.search(seen.text) is not None


@dataclass(frozen=True, slots=True)
class Cause:
    """Why findings came about; `place` is where the device decides it, without the package's name."""

    id: str
    fault: str
    place: str
    why: str
    traits: tuple[Trait, ...]

    def explains(self, seen: Seen) -> bool:
        return any(trait.fits(seen) for trait in self.traits)


def read_causes(family: str) -> tuple[Cause, ...]:
    """Raises ValueError where an entry blames nobody that could be blamed."""
    path = ADJUDICATED[family]
    variants = names_of(family)
    return tuple(_cause(id, entry, path, variants) for id, entry in (yaml.safe_load(path.read_text()) or {}).items())


def names_of(family: str) -> tuple[str, ...]:
    """The variants of a family."""
    return tuple(each.name for each in ALL if each.family == family)


def _cause(id: str, entry: Mapping[str, Any], path: Path, variants: tuple[str, ...]) -> Cause:
    if entry["fault"] not in _FAULTS:
        raise ValueError(f"{path}: {id}: fault {entry['fault']} is none of {', '.join(_FAULTS)}")
    traits = tuple(_trait(each, variants) for each in entry["findings"])
    return Cause(id, entry["fault"], entry["place"], entry["why"], traits)


def _trait(entry: Mapping[str, Any], variants: tuple[str, ...]) -> Trait:
    chosen = tuple(entry.get("variants", variants))
    return Trait(entry["source"], re.compile(entry.get("says", "")), chosen, entry.get("sometimes", False))


def seen_in(variant: str, run: RunRecord) -> list[Seen]:
    """Every finding of cases and rules, and what broke."""
    found = [Seen(variant, case.id, case.id, f"error: {case.error}", "error", None) for case in run.cases if case.error]
    for case in run.cases:
        found += [_seen(variant, case.id, each) for each in (*case.findings, *case.rule_findings)]
    return found + [Seen(variant, "-", "run", f"error: {each}", "error", None) for each in run.bench_errors]


def _seen(variant: str, case: str, found: Finding) -> Seen:
    text = f"{found.requirement}: expected {found.expected}, got {found.actual}"
    return Seen(variant, case, found.source, text, _kind(found), found.frame)


def _kind(found: Finding) -> str:
    if found.verdict is not Verdict.FAIL:
        return str(found.verdict)
    if found.axis is Axis.FIELD:
        return "field"
    return "provisional" if found.provisional else "fail"


def undecided(causes: Sequence[Cause], found: Iterable[Seen]) -> list[str]:
    """What nobody has looked at yet, in words."""
    return [
        f"{each.variant}: {each.source} in {each.case}, frame {each.frame}: {each.kind}: {each.text}"
        for each in found
        if not any(cause.explains(each) for cause in causes)
    ]


def missed(causes: Sequence[Cause], found: Sequence[Seen], runs: Mapping[str, RunRecord]) -> list[str]:
    """What was met in former runs and is not met any more; of a rule only after a whole run."""
    return [
        f"{variant}: {trait.source} no longer finds {trait.says.pattern!r} ({cause.id})"
        for cause in causes
        for trait in cause.traits
        for variant in trait.variants
        if not trait.sometimes and _could_meet(trait, runs.get(variant))
        if not any(trait.fits(each) for each in found if each.variant == variant)
    ]


def _could_meet(trait: Trait, run: RunRecord | None) -> bool:
    if run is None:
        return False
    if trait.source.startswith("RULE_"):
        return not run.options.get("keyword")
    return any(case.id == trait.source for case in run.cases)


def table(causes: Sequence[Cause], found: Sequence[Seen], runs: Mapping[str, RunRecord]) -> str:
    """The section of docs/interop.md."""
    return "\n\n".join(("\n".join(_outcome(runs)), "\n".join(_rows(causes, found, runs)), "\n".join(_whys(causes))))


def _outcome(runs: Mapping[str, RunRecord]) -> Iterator[str]:
    yield "| variant | begun (UTC) | lasted | cases run | passed | failed | inconclusive | rules broken |"
    yield "|---|---|---|---|---|---|---|---|"
    for variant, run in runs.items():
        verdicts = [case.verdict for case in run.cases]
        counts = [verdicts.count(each) for each in (Verdict.PASS, Verdict.FAIL, Verdict.INCONC)]
        broken = sum(rule.verdict is Verdict.FAIL for rule in run.rules)
        cells = [
            variant,
            run.started[:16].replace("T", " "),
            f"{run.elapsed / 60:.0f} min",
            len(verdicts),
            *counts,
            broken,
        ]
        yield f"| {' | '.join(map(str, cells))} |"


def _rows(causes: Sequence[Cause], found: Sequence[Seen], runs: Mapping[str, RunRecord]) -> Iterator[str]:
    yield f"| case or rule | {' | '.join(runs)} | cause |"
    yield f"|---|{'---|' * len(runs)}---|"
    for source in sorted({each.source for each in found}, key=lambda name: (name.startswith("RULE_"), name)):
        for cause in causes:
            of_cause = [each for each in found if each.source == source and cause.explains(each)]
            if of_cause:
                cells = [_cell([each for each in of_cause if each.variant == variant]) for variant in runs]
                yield f"| {source} | {' | '.join(cells)} | {cause.id} |"


def _cell(found: Sequence[Seen]) -> str:
    """What was found, where first, and how often else."""
    if not found:
        return "-"
    first = found[0]
    of_rule = first.source.startswith("RULE_")
    where = f"{first.case.removeprefix('TC_').removeprefix('SECC_')} " if of_rule else ""
    frame = "" if first.frame is None else f"frame {first.frame}"
    more = f" +{len(found) - 1}" if len(found) > 1 else ""
    kinds = "/".join(dict.fromkeys(each.kind for each in found))
    return f"{kinds}: {where}{frame}{more}".rstrip(": ")


def _whys(causes: Sequence[Cause]) -> Iterator[str]:
    yield "| cause | at fault | place in its source | why |"
    yield "|---|---|---|---|"
    for cause in causes:
        place = f"`{cause.place}`" if cause.place else "-"
        yield f"| {cause.id} | {cause.fault} | {place} | {cause.why} |"


def read_runs(folder: Path) -> dict[str, RunRecord]:
    """The newest bundle of each variant that has one."""
    names = [each.name for each in ALL if (folder / each.name).is_dir()]
    return {name: read_run(newest_bundle(folder / name).run) for name in names}


def of_family(family: str, runs: Mapping[str, RunRecord]) -> dict[str, RunRecord]:
    """Those runs of a family."""
    return {name: runs[name] for name in names_of(family) if name in runs}


def report(runs: Mapping[str, RunRecord]) -> list[str]:
    """What needs a decision after these runs, in words; empty where everything is known."""
    return [each for family in FAMILIES for each in _report(family, of_family(family, runs))]


def _report(family: str, runs: Mapping[str, RunRecord]) -> list[str]:
    if not runs:
        return []
    causes, found = read_causes(family), _found(runs)
    return undecided(causes, found) + missed(causes, found, runs)


def _found(runs: Mapping[str, RunRecord]) -> list[Seen]:
    return [each for variant, run in runs.items() for each in seen_in(variant, run)]


def write_document(family: str, text: str) -> None:
    """Replace the generated part of docs/interop.md that is about a family."""
    begin, end = _BEGIN.format(family), _END.format(family)
    before, _, rest = DOCUMENT.read_text().partition(begin)
    after = rest.partition(end)[2]
    DOCUMENT.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m interop.findings", description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true", help=f"renew the tables in {DOCUMENT.relative_to(ROOT)}")
    chosen = parser.parse_args(arguments)
    runs = read_runs(chosen.folder)
    for family in FAMILIES:
        if met := of_family(family, runs):
            text = table(read_causes(family), _found(met), met)
            if chosen.write:
                write_document(family, text)
            else:
                print(text)
    open_questions = report(runs)
    for each in open_questions:
        print(each, file=sys.stderr)
    return 1 if open_questions else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
