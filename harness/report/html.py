"""The auditor's page: one self-contained HTML file, a function of the run record and the evidence beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from harness.evidence.bundle import CAPTURE, CASE, MESSAGES, SAMPLES
from harness.evidence.reading import Frame, read_frames
from harness.evidence.record import CaseRecord, NotRun, RuleRecord, RunRecord
from harness.report import words
from harness.report.coverage import NOT_JUDGED, STATUSES, Coverage, coverage
from harness.report.curve import case_curve
from harness.report.fold import Row, excerpt, rows
from harness.report.ladder import ladder_svg
from harness.verdict.verdict import Axis, Finding, Verdict

NOT_RUN = ("not applicable", "not testable", "left out", "not reached")
IDENTITY = ("vendor", "model", "serial", "firmware", "site")
_EXCERPTS_AT_MOST = 6


@dataclass(frozen=True)
class CaseView:
    """One case as the page shows it; pictures are drawn when they are asked for."""

    record: CaseRecord
    folder: Path

    @property
    def anchor(self) -> str:
        """The id of the case's place in the page, unique even when a case was repeated."""
        return f"case-{words.anchor(Path(self.record.evidence).name)}"

    @cached_property
    def frames(self) -> tuple[Frame, ...]:
        """What was seen."""
        return read_frames(self.folder)

    @cached_property
    def cited(self) -> frozenset[int]:
        """The frames that findings rest on."""
        found = (*self.record.findings, *self.record.rule_findings)
        return frozenset(each.frame for each in found if each.frame is not None)

    @property
    def ladder(self) -> list[Markup]:
        """The whole case."""
        return self._ladder(rows(self.frames, self.cited), self.cited, "ladder")

    @property
    def files(self) -> list[str]:
        """The evidence files, relative to the page."""
        names = (MESSAGES, CAPTURE, SAMPLES, CASE)
        return [f"{self.record.evidence}/{name}" for name in names if (self.folder / name).is_file()]

    def excerpt_of(self, findings: Sequence[Finding], place: str) -> list[Markup]:
        """The ladder around the frames of some findings."""
        cited = [found.frame for found in findings if found.frame is not None][:_EXCERPTS_AT_MOST]
        return self._ladder(excerpt(self.frames, cited), cited, place) if self.frames else []

    def curve(self, place: str) -> Markup | None:
        """Power over time with marks where findings were made; None when no power was seen."""
        drawn = case_curve(self.record, self.frames, key=f"{self.anchor}-{place}")
        return None if drawn is None else Markup(drawn)

    def _ladder(self, shown: Sequence[Row], cited: Iterable[int], place: str) -> list[Markup]:
        key = f"{self.anchor}-{place}"
        drawn = ladder_svg(shown, frames=self.frames, sut=self.record.role, key=key, cited=frozenset(cited))
        return [Markup(piece) for piece in drawn]


@dataclass(frozen=True)
class Seen:
    """One finding and where it was made; `others` are further cases in which the same was found."""

    finding: Finding
    case: CaseView
    others: tuple[CaseView, ...] = ()


@dataclass(frozen=True)
class Failure:
    """One case that failed or rule that was broken, with its findings; `case` is where the pictures come from."""

    id: str
    purpose: str
    kind: str
    seen: tuple[Seen, ...]
    case: CaseView

    @property
    def anchor(self) -> str:
        """The id of its place in the page."""
        return f"failure-{self.kind}-{self.case.anchor}-{words.anchor(self.id)}"

    @property
    def ladder(self) -> list[Markup]:
        """Around the failing frames."""
        return self.case.excerpt_of(self._here, f"{self._place}-ladder")

    @property
    def curve(self) -> Markup | None:
        """Power over time, with the failing moments."""
        return self.case.curve(f"{self._place}-curve")

    @property
    def _here(self) -> list[Finding]:
        return [each.finding for each in self.seen if each.case is self.case]

    @property
    def _place(self) -> str:
        return f"failure-{words.anchor(self.id)}"


class Page:
    """What the template asks for, over one run."""

    def __init__(self, run: RunRecord, folder: Path) -> None:
        self.run = run
        self.bundle = folder.name
        self.cases = [CaseView(case, folder / case.evidence) for case in run.cases]
        self._by_id: dict[str, list[CaseView]] = {}
        for view in self.cases:
            self._by_id.setdefault(view.record.id, []).append(view)

    @property
    def counts(self) -> list[tuple[str, str, int]]:
        """Style, words and number for the tiles under the verdict."""
        of_cases = Counter(case.verdict for case in self.run.cases)
        shown = (Verdict.PASS, Verdict.FAIL, Verdict.INCONC, Verdict.ERROR)
        tiles = [(str(verdict), words.VERDICTS[verdict], of_cases[verdict]) for verdict in shown]
        broken = sum(rule.verdict is Verdict.FAIL for rule in self.run.rules)
        return [
            *tiles,
            ("none", "not run", len(self.run.not_run)),
            ("fail", f"of {len(self.run.rules)} rules broken", broken),
        ]

    @property
    def identity(self) -> list[tuple[str, Any]]:
        """What is known of the device, the most telling first."""
        device = self.run.device
        names = dict.fromkeys((*(name for name in IDENTITY if name in device), *device))
        return [(name, device[name]) for name in names if device[name] not in (None, "")]

    @property
    def topics(self) -> list[tuple[str, str, Counter[Verdict]]]:
        """Role, topic, and how its cases ended."""
        found: dict[tuple[str, str], Counter[Verdict]] = {}
        for case in self.run.cases:
            found.setdefault((words.role_name(case.role), words.topic_of(case.id)), Counter())[case.verdict] += 1
        return [(role, topic, counter) for (role, topic), counter in sorted(found.items())]

    @property
    def not_run(self) -> list[tuple[str, list[NotRun]]]:
        """Grouped by why, in a fixed order; what has another reason comes last."""
        whys = dict.fromkeys((*NOT_RUN, *(each.why for each in self.run.not_run)))
        groups = [(why, [each for each in self.run.not_run if each.why == why]) for why in whys]
        return [(why, listed) for why, listed in groups if listed]

    @cached_property
    def coverage(self) -> tuple[Coverage, ...]:
        """Requirements, each with its status."""
        return coverage(self.run)

    @property
    def judged(self) -> list[Coverage]:
        """Those that the run says something about."""
        return [each for each in self.coverage if each.status not in NOT_JUDGED]

    @property
    def unjudged(self) -> list[tuple[str, list[Coverage]]]:
        """The others, by why it says nothing about them."""
        groups = [(status, [each for each in self.coverage if each.status == status]) for status in NOT_JUDGED]
        return [(status, listed) for status, listed in groups if listed]

    @property
    def coverage_counts(self) -> list[tuple[str, int]]:
        """How many requirements have each status."""
        counter = Counter(each.status for each in self.coverage)
        return [(status, counter[status]) for status in STATUSES if counter[status]]

    @property
    def failures(self) -> list[Failure]:
        """Cases that failed, then rules that were broken."""
        of_cases = [self._case_failure(view) for view in self.cases if any(map(self._fails, view.record.findings))]
        plain = [
            Failure(view.record.id, view.record.purpose, "case", (), view)
            for view in self.cases
            if view.record.verdict is Verdict.FAIL and not any(map(self._fails, view.record.findings))
        ]
        return of_cases + plain + [failure for rule in self.run.rules if (failure := self._rule_failure(rule))]

    @property
    def provisional(self) -> list[tuple[str, Seen]]:
        """Failures that rest on unconfirmed limits."""
        return self._all(lambda f: f.provisional and f.verdict is Verdict.FAIL and f.axis is Axis.CONFORMANCE)

    @property
    def inconclusive(self) -> list[tuple[str, Seen]]:
        """What could not be judged."""
        return self._all(lambda f: f.verdict in (Verdict.INCONC, Verdict.ERROR))

    @property
    def errors(self) -> list[CaseView]:
        """Cases that the bench or the harness spoiled."""
        return [view for view in self.cases if view.record.verdict is Verdict.ERROR]

    @property
    def field(self) -> list[tuple[str, Seen]]:
        """Legal or tolerated, yet it will hurt."""
        return self._all(lambda f: f.axis is Axis.FIELD and f.verdict is Verdict.FAIL)

    def _fails(self, finding: Finding) -> bool:
        strictly = self.run.strict_field and finding.axis is Axis.FIELD and finding.verdict is Verdict.FAIL
        return finding.fails or (strictly and not finding.provisional)

    def _case_failure(self, view: CaseView) -> Failure:
        seen = tuple(Seen(found, view) for found in view.record.findings if self._fails(found))
        return Failure(view.record.id, view.record.purpose, "case", seen, view)

    def _rule_failure(self, rule: RuleRecord) -> Failure | None:
        seen = self._seen_by(rule, self._fails)
        return Failure(rule.id, rule.purpose, "rule", tuple(seen), seen[0].case) if seen else None

    def _all(self, wanted: Callable[[Finding], bool]) -> list[tuple[str, Seen]]:
        found = [(v.record.id, Seen(each, v)) for v in self.cases for each in v.record.findings if wanted(each)]
        return found + [(rule.id, seen) for rule in self.run.rules for seen in self._seen_by(rule, wanted)]

    def _seen_by(self, rule: RuleRecord, wanted: Callable[[Finding], bool]) -> list[Seen]:
        """A rule's findings, the same finding in several cases once."""
        kinds: dict[tuple[str, str], list[tuple[CaseView, Finding]]] = {}
        for view in self.cases:
            for found in view.record.rule_findings:
                if found.source == rule.id and wanted(found):
                    kinds.setdefault((found.requirement, found.expected), []).append((view, found))
        return [
            Seen(places[0][1], places[0][0], tuple({id(v): v for v, _ in places[1:] if v is not places[0][0]}.values()))
            for places in kinds.values()
        ]


def report_html(run: RunRecord, folder: Path) -> str:
    """The page. `folder` is the bundle's."""
    environment = Environment(
        loader=PackageLoader("harness.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(duration=words.duration, moment=words.moment, role=words.role_name)
    css = (Path(__file__).parent / "templates" / "report.css").read_text(encoding="utf-8")
    template = environment.get_template("report.html.j2")
    return template.render(
        page=Page(run, folder), run=run, css=Markup(css), verdict_words=words.VERDICTS, Verdict=Verdict
    )
