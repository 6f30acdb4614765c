"""The description of a device: one YAML file, read strictly, wrong in clear words or right for good.

    description = load_description("acme.yaml")
    description.roles.secc.interface, description.pixit.secc.ramp_time, description.claims

Every problem of a file is reported at once, with file, line, path and remedy.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, PrivateAttr, ValidationError, ValidationInfo

from harness.device.bench import Bench
from harness.device.certificates import Certificates
from harness.device.checks import cross_problems
from harness.device.pics import VOCABULARIES
from harness.device.pixit import Pixit
from harness.device.problems import DescriptionProblems, Problem
from harness.device.roles import Roles
from harness.device.section import Many, Section, Text, item, required, wrong
from harness.device.source import Source, read_source
from harness.device.translation import problems_of
from harness.errors import HarnessError
from harness.resources import resource
from harness.suggest import did_you_mean


class Device(Section):
    """Who the device is, as the report's first page says it."""

    vendor: Text = required("Who makes it.")
    model: Text = required("What it is called.")
    serial: Text = item("unknown", "Serial number of the specimen under test.")
    firmware: Text = item("unknown", "Version of its software.")
    site: Text | None = item(None, "Where it stands.")


ClaimList = Annotated[tuple[Text, ...], Many]


class Pics(Section):
    """What the device claims, per role; see `harness.device.pics` for the vocabulary."""

    secc: ClaimList = item((), "Claims of the SECC.")
    evcc: ClaimList = item((), "Claims of the EVCC.")
    station: ClaimList = item((), "Claims of the charging station.")
    csms: ClaimList = item((), "Claims of the central system.")
    aggregator: ClaimList = item((), "Claims of the aggregator.")

    @property
    def claims(self) -> frozenset[str]:
        """Every claim with its role: ``SECC.DC_BPT``."""
        return frozenset(f"{role.upper()}.{name}" for role in VOCABULARIES for name in getattr(self, role))


def _data_file(folder: str) -> AfterValidator:
    """An id of a data file that comes with the harness, or a path to one's own."""

    def check(written: str, info: ValidationInfo) -> str:
        if written.endswith((".yaml", ".yml")):
            path = Path((info.context or {}).get("folder", Path())) / written
            if not path.is_file():
                raise wrong(f"{path} does not exist", "check the path; it is relative to the folder of this file")
            return str(path)
        known = _ids(folder)
        if written not in known:
            ours = f"; {did_you_mean(written, known)}" if known else ""
            raise wrong(f"{written} does not come with this harness{ours}", "or name your own file, ending in .yaml")
        return written

    return AfterValidator(check)


def _ids(folder: str) -> tuple[str, ...]:
    try:
        return tuple(sorted(each.stem for each in resource("fixtures", folder).glob("*.yaml")))
    except HarnessError:
        return ()


class DeviceDescription(Section):
    """One device as its maker describes it."""

    device: Device = required("Who the device is.")
    roles: Roles = required("What it is, and how it is reached.")
    pics: Pics = item(Pics(), "What it claims.")
    pixit: Pixit = item(Pixit(), "Values that only its maker knows.")
    bench: Bench = item(Bench(), "What stands around it.")
    certificates: Certificates = item(Certificates(), "What the tester presents and trusts.")
    programme: Annotated[Text, _data_file("programmes")] | None = item(
        None, "Demand-response programme that is run against it: an id, or a file of one's own."
    )
    grid_code: Annotated[Text, _data_file("grid_codes")] | None = item(
        None, "Grid code that its behaviour is judged by: an id, or a file of one's own."
    )
    _source: Source | None = PrivateAttr(None)

    @property
    def source(self) -> Source:
        """The file it was read from; raises `HarnessError` for a description that was made in memory."""
        if self._source is None:
            raise HarnessError("this description was not read from a file")
        return self._source

    @property
    def claims(self) -> frozenset[str]:
        """Every claim with its role, as PICS expressions want them: ``SECC.DC_BPT``."""
        return self.pics.claims

    @property
    def title(self) -> str:
        """Vendor, model and serial in one line."""
        return f"{self.device.vendor} {self.device.model} ({self.device.serial})"


def load_description(path: str | Path) -> DeviceDescription:
    """Read and check a description; raises `DescriptionError` that lists every problem with place and remedy."""
    source = read_source(Path(path))
    problems = list(source.problems)
    sections = _sections(source, problems)
    problems += [source.problem(where, what, remedy) for where, what, remedy in cross_problems(sections)]
    if problems:
        raise DescriptionProblems(sorted(problems, key=_line))
    description = DeviceDescription(**sections)
    description._source = source
    return description


def _sections(source: Source, problems: list[Problem]) -> dict[str, Any]:
    """What was read well, by section; a mistake in one section hides nothing in another."""
    if not isinstance(source.tree, dict):
        problems.append(source.problem((), "is no description", "write sections such as `device:` and `roles:`"))
        return {}
    try:
        return dict(_validated(source.tree, source))
    except ValidationError as mistakes:
        errors = mistakes.errors(include_url=False)
    problems += problems_of(errors, source, DeviceDescription)
    spoilt = {error["loc"][0] for error in errors}
    sound = {name: value for name, value in source.tree.items() if name not in spoilt}
    read = dict(_validated({**_LEAST, **sound}, source))
    return {name: value for name, value in read.items() if name not in spoilt}


def _validated(tree: dict[str, Any], source: Source) -> DeviceDescription:
    return DeviceDescription.model_validate(tree, context={"folder": source.path.resolve().parent})


_LEAST: dict[str, Any] = {"device": {"vendor": "-", "model": "-"}, "roles": {}}
"""Stands in for required sections that could not be read, while the others are checked."""


def _line(problem: Problem) -> int:
    number = problem.place.partition(" ")[0].rpartition(":")[2]
    return int(number) if number.isdecimal() else 0
