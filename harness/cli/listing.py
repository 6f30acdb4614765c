"""`v2x-harness list`: cases and rules with all that is known of them before a run."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from harness.catalogue import cases
from harness.device.description import DeviceDescription, load_description
from harness.mutants import MUTANTS
from harness.plugin.select import skip_of
from harness.verdict.declare import CaseDeclaration, RuleDeclaration, rules


def main(arguments: Sequence[str]) -> int:
    """List on stdout; with --device also whether each case would run."""
    parser = argparse.ArgumentParser(prog="v2x-harness list", description="List cases, rules and mutants.")
    parser.add_argument("--device", metavar="FILE", help="say which cases would run on this device, and why not")
    parser.add_argument("--json", action="store_true", help="as JSON")
    given = parser.parse_args(arguments)
    description = load_description(given.device) if given.device else None
    if given.json:
        print(json.dumps(_plain(description), indent=2, ensure_ascii=False))
    else:
        _print_tables(description)
    return 0


def _plain(description: DeviceDescription | None) -> dict[str, Any]:
    return {
        "cases": [_case(each, description) for each in cases()],
        "rules": [_rule(each) for each in rules()],
        "mutants": [{"name": each.name, "role": each.role, "what": each.what} for each in MUTANTS.values()],
    }


def _case(case: CaseDeclaration, description: DeviceDescription | None) -> dict[str, Any]:
    said = asdict(case) | {"pics": str(case.pics or ""), "axis": case.axis.value}
    said["minimum_duration"] = said.pop("lasts")
    if description is not None:
        skip = skip_of(case, description, quick=False)
        said["runs"] = skip is None
        said["why_not"] = f"{skip.why}: {skip.reason}" if skip else ""
    return said


def _rule(rule: RuleDeclaration) -> dict[str, Any]:
    fields = ("id", "role", "link", "purpose", "text", "covers", "detects", "exercised_by")
    return {name: getattr(rule, name) for name in fields} | {"axis": rule.axis.value}


def _print_tables(description: DeviceDescription | None) -> None:
    console = Console(highlight=False)
    table = Table("id", "purpose", "needs", "least time", *(["on this device"] if description else []), title="Cases")
    for case in cases():
        row = [case.id, case.purpose, " ".join(filter(None, (str(case.pics or ""), *case.needs))), f"{case.lasts:g} s"]
        if description:
            skip = skip_of(case, description, quick=False)
            row.append("runs" if skip is None else f"{skip.why}: {skip.reason}")
        table.add_row(*row)
    console.print(table)
    ruled = Table("id", "purpose", "judges", title="Rules, passive in every case")
    for rule in rules():
        ruled.add_row(rule.id, rule.purpose, rule.role)
    console.print(ruled)
    console.print(
        f"{len(cases())} cases, {len(rules())} rules, {len(MUTANTS)} mutants; `v2x-harness explain ID` says more."
    )
