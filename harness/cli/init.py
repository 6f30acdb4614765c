"""`v2x-harness init`: asks a few questions and writes a commented device description that loads.

Every question has a default (Return takes it), and the end of the input takes all that are left, so it also works in a
pipe. What is asked is only what a first run needs; docs/device-description.md has the rest.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil

from harness.device.description import load_description
from harness.device.pics import VOCABULARIES
from harness.device.section import split_endpoint
from harness.device.units import CURRENT, POWER, VOLTAGE, Unit, quantity
from harness.errors import DescriptionError, UsageError
from harness.pki.factory import make_pki
from harness.pki.recipe import read_recipe
from harness.resources import resource
from harness.suggest import did_you_mean

_MOST_TRIES = 5
Reading = Callable[[str], str]
"""Takes an answer and gives it as it shall be written; raises `ValueError` with what is wrong."""


class Interview:
    """Asks on stderr and reads from stdin, so that stdout stays free; the end of the input takes every default."""

    def __init__(self, read_line: Callable[[], str] | None = None) -> None:
        self._read_line = read_line or sys.stdin.readline

    def ask(self, question: str, default: str, reading: Reading = str) -> str:
        """The answer as `reading` gives it; asks again when it is wrong."""
        for _ in range(_MOST_TRIES):
            print(f"{question} [{default}]: ", end="", file=sys.stderr, flush=True)
            line = self._read_line()
            if not line:
                print(file=sys.stderr)
            try:
                return reading(line.strip() or default)
            except ValueError as wrong:
                print(f"  {wrong}", file=sys.stderr)
                if not line:
                    break
        raise UsageError(f"no usable answer to: {question}")

    def choose(self, question: str, default: str, known: Sequence[str]) -> str:
        """One of the known words."""
        return self.ask(f"{question} ({', '.join(known)})", default, _one_of(known))

    def confirm(self, question: str, default: bool) -> bool:
        """yes or no"""
        return self.ask(f"{question} (yes, no)", "yes" if default else "no", _yes_or_no) == "yes"

    def measure(self, question: str, default: str, unit: Unit) -> str:
        """A positive quantity, as it was written."""
        return self.ask(question, default, _positive(unit))


def _one_of(known: Sequence[str]) -> Reading:
    def read(answer: str) -> str:
        if answer not in known:
            raise ValueError(f"{answer} is none of these: {did_you_mean(answer, known)}")
        return answer

    return read


def _yes_or_no(answer: str) -> str:
    for word in ("yes", "no"):
        if word.startswith(answer.lower()):
            return word
    raise ValueError("answer yes or no")


def _positive(unit: Unit) -> Reading:
    def read(answer: str) -> str:
        if quantity(answer, unit) <= 0:
            raise ValueError(f"must be more than 0; write for example {unit.example}")
        return answer

    return read


def _text(answer: str) -> str:
    if len(answer) > 255:
        raise ValueError("at most 255 characters")
    return json.dumps(answer, ensure_ascii=False)


def _port(answer: str) -> str:
    if not answer.isdecimal() or not 0 < int(answer) < 65536:
        raise ValueError("a port is a number from 1 to 65535")
    return answer


def _endpoint(answer: str) -> str:
    try:
        split_endpoint(answer)
    except ValueError as wrong:
        raise ValueError(str(wrong)) from None
    return json.dumps(answer)


def _web_socket(answer: str) -> str:
    if not re.match(r"wss?://[^\s/]+", answer):
        raise ValueError("write an address such as wss://csms.example/ocpp")
    return json.dumps(answer)


def _versions(answer: str) -> str:
    versions = [version for version in re.split(r"[\s,\[\]]+", answer) if version]
    for version in versions:
        if version not in ("1.6", "2.0.1", "2.1"):
            raise ValueError(f"{version} is none of 1.6, 2.0.1, 2.1")
    if not versions:
        raise ValueError("name at least one of 1.6, 2.0.1, 2.1")
    return f"[{', '.join(dict.fromkeys(versions))}]"


def _password(answer: str) -> str:
    if len(answer) < 16:
        raise ValueError("a password of OCPP has at least 16 characters")
    return _text(answer)


def _existing(folder: Path) -> Reading:
    def read(answer: str) -> str:
        if not (folder / Path(answer).expanduser()).is_file():
            raise ValueError(f"there is no file {answer} (relative paths start at {folder})")
        return json.dumps(answer)

    return read


@dataclass
class Part:
    """What the file says of one role: lines of its sections, and its claims."""

    roles: list[str] = field(default_factory=list)
    claims: list[str] = field(default_factory=list)
    pixit: list[str] = field(default_factory=list)


class Draft:
    """The file as it grows: sections of lines. `folder` is where it will stand, `stem` its name without ending. `part` is that
    of the role that is asked about."""

    def __init__(self, interview: Interview, folder: Path, stem: str) -> None:
        self.ask, self.folder, self.stem = interview, folder, stem
        self.parts: dict[str, Part] = {}
        self.part = Part()
        self.bench: list[str] = []
        self.certificates: list[str] = []
        self.notes: list[str] = []

    def v2g(self, role: str) -> None:
        """A SECC or an EVCC."""
        self._about(role)
        tls = self._reach()
        self._energy(tls)
        self._power(("voltage", "current"))
        if role == "secc":
            mode = self.ask.choose("How is EIM authorised: by somebody, or free", "external", ("external", "free"))
            self.part.pixit.append(f"authorisation: {mode}")
        self._trigger()
        if tls != "false":
            self._certificates("vehicle" if role == "secc" else "secc", "lab" if tls == "lab" else "standard")

    def charger(self, _role: str) -> None:
        """A whole charger: the tester is its EV and its central system at once, and follows a setpoint through both sides."""
        print("First its V2G side, towards the EV.", file=sys.stderr)
        self.v2g("secc")
        print("Now its OCPP side, towards the central system.", file=sys.stderr)
        self.station("station")

    def _about(self, role: str) -> None:
        self.part = self.parts[role] = Part()

    def _reach(self) -> str:
        transport = self.ask.choose("How is it found: by SDP on an interface, or directly", "sdp", ("sdp", "direct"))
        self.part.roles.append(f"transport: {transport}")
        if transport == "sdp":
            here = ", ".join(_interfaces()) or "none seen"
            default = next(iter(_interfaces()), "eth1")
            self.part.roles.append(
                f"interface: {self.ask.ask(f'Network interface towards it (here: {here})', default, _text)}"
            )
        else:
            self.part.roles.append(f"host: {self.ask.ask('Its address', '::1', _text)}")
            self.part.roles.append(f"port: {self.ask.ask('Its TCP port', '61000', _port)}")
        words = ("yes", "lab", "no")
        tls = {"yes": "true", "no": "false"}.get(
            chosen := self.ask.choose("TLS (lab: P-256 certificates)", "yes", words), chosen
        )
        self.part.roles.append(f"tls: {tls}")
        self.part.claims += ["SDP"] if transport == "sdp" else []
        self.part.claims += ["TLS"] if tls != "false" else []
        return tls

    def _energy(self, tls: str) -> None:
        self.bidirectional = self.ask.confirm("Does it discharge (DC_BPT)", True)
        self.part.claims += ["DC", *(["DC_BPT"] if self.bidirectional else []), "EIM"]
        control = self.ask.choose("Control modes", "both", ("both", "scheduled", "dynamic"))
        self.part.claims += {"both": ["SCHEDULED", "DYNAMIC"]}.get(control, [control.upper()])
        if tls != "false" and self.ask.confirm("Plug and Charge", False):
            self.part.claims.append("PNC")

    def _power(self, extras: Sequence[str]) -> None:
        ask = self.ask
        if "voltage" in extras:
            self.part.pixit.append(f"minimum_voltage: {ask.measure('Lowest DC voltage', '150 V', VOLTAGE)}")
            self.part.pixit.append(f"maximum_voltage: {ask.measure('Highest DC voltage', '500 V', VOLTAGE)}")
            self.part.pixit.append(f"nominal_voltage: {ask.measure('Voltage to test at', '400 V', VOLTAGE)}")
        directions = ("charge", "discharge") if self.bidirectional else ("charge",)
        for direction in directions:
            power = ask.measure(f"Most {direction} power", "22 kW", POWER)
            self.part.pixit.append(f"maximum_{direction}_power: {power}")
            if "current" in extras:
                current = ask.measure(f"Most {direction} current (DC)", "60 A", CURRENT)
                self.part.pixit.append(f"maximum_{direction}_current: {current}")

    def _trigger(self) -> None:
        if self.bench:
            return  # the whole charger has one bench
        question = "Who plugs in and authorises: a person at this terminal, or nobody"
        self.bench.append(f"trigger: {{kind: {self.ask.choose(question, 'operator', ('operator', 'none'))}}}")

    def _certificates(self, chain: str, recipe: str) -> None:
        """Own files, or a PKI made now beside the description, whose roots the SUT can be given."""
        if (
            self.ask.choose("Certificates of the tester: make them now, or name files", "make", ("make", "files"))
            == "make"
        ):
            made = f"{self.stem}-pki"
            roots = ", ".join(json.dumps(f"{made}/roots/{name}") for name in self._made_roots(made, recipe))
            files = (f"{made}/{chain}/chain.pem", f"{made}/{chain}/key.pem", roots)
            self.notes.append(f"Certificates are in {self.folder / made}; install its roots in the device.")
        else:
            read = _existing(self.folder)
            names = ("Certificate chain, leaf first", "Its private key", "Root that the device's own chain ends in")
            files = tuple(self.ask.ask(name, "", read) for name in names)  # type: ignore[assignment]
        self.certificates += ["v2g:", f"  chain: {files[0]}", f"  key: {files[1]}", f"  roots: [{files[2]}]"]

    def _made_roots(self, made: str, recipe: str) -> list[str]:
        """The root files of the PKI beside the description; one that is there already may be installed and is kept."""
        if not (self.folder / made).exists():
            make_pki(read_recipe(resource("certs", f"{recipe}.yaml")), datetime.now(UTC)).write(self.folder / made)
        return sorted(path.name for path in (self.folder / made / "roots").glob("*.pem"))

    def station(self, role: str) -> None:
        """A charging station or a central system."""
        self._about(role)
        versions = self.ask.ask("OCPP versions, best first (1.6, 2.0.1, 2.1)", "2.1", _versions)
        self.part.roles.append(f"ocpp: {versions}")
        profile = self.ask.choose("Security profile", "0" if role == "station" else "1", ("0", "1", "2", "3"))
        if role == "station":
            self.part.roles.append(
                f"listen: {self.ask.ask('Where the harness waits for it', '127.0.0.1:9000', _endpoint)}"
            )
        else:
            scheme = "wss" if profile in "23" else "ws"
            self.part.roles.append(
                f"url: {self.ask.ask('Where stations connect to', f'{scheme}://127.0.0.1:9000/ocpp', _web_socket)}"
            )
        self.part.roles.append(f"identity: {self.ask.ask('Identity of the station', 'CS-001', _text)}")
        self.part.roles.append(f"security_profile: {profile}")
        if profile in "12":
            self.part.roles.append(
                f"password: {self.ask.ask('Password of the station', 'change-me-please', _password)}"
            )
        if profile == "3" or (profile == "2" and role == "station"):
            self.certificates += ["ocpp: {generated: standard}"]
        self.part.claims += [f"OCPP_{version.replace('.', '')}" for version in versions.strip("[]").split(", ")]
        self.part.claims.append(f"SECURITY_{profile}")
        self._station_abilities(role)

    def _station_abilities(self, role: str) -> None:
        self.bidirectional = False
        newest = "OCPP_21" in self.part.claims
        if self.ask.confirm("Smart charging", True):
            self.part.claims += ["SMART_CHARGING", *(["RATE_UNIT_W"] if role == "station" else [])]
            self.bidirectional = newest and self.ask.confirm("Discharging under OCPP (block Q)", True)
            self.part.claims += ["V2X", "V2X_CENTRAL_SETPOINT"] if self.bidirectional else []
        if role == "station":
            self._abilities(newest)
            self._power(())
            self._trigger()
        else:
            self.part.claims.append("REMOTE_START")
            self.part.pixit.append(f"id_token: {self.ask.ask('An id token that it accepts', 'TEST-VALID-01', _text)}")

    def _abilities(self, newest: bool) -> None:
        """What a station can do besides; only what it claims is tested."""
        for question, default, claims in _ABILITIES:
            if (newest or question not in _OF_21) and self.ask.confirm(question, default):
                self.part.claims += claims

    def aggregator(self, role: str) -> None:
        """An aggregator."""
        self._about(role)
        version = self.ask.choose("OpenADR version", "3.1", ("2.0b", "3.0", "3.1"))
        self.part.roles.append(f"openadr: {version}")
        self.part.roles.append(f"ven: {self.ask.ask('Name that it registers with', 'ven-1', _text)}")
        self.part.roles.append(f"listen: {self.ask.ask('Where the harness waits for it', '127.0.0.1:8080', _endpoint)}")
        self.part.roles.append("tls: false")
        self.part.claims += [f"OPENADR_{version.replace('.', '').upper()}", "CONTROL_SETPOINT", "REPORTS"]

    def text(self, device: Sequence[str]) -> str:
        """The whole file."""
        first = next(iter(self.parts))
        example = f"{first.upper()}.{self._in_order(first)[0]}"
        sections = [
            (
                "# Written by `v2x-harness init`. Every item is explained in docs/device-description.md.",
                "device",
                device,
            ),
            ("# What it is, and how it is reached.", "roles", self._by_role("roles")),
            (
                f"# What it claims; claims are tested. `v2x-harness explain {example}` says what one promises.",
                "pics",
                [f"{role}: [{', '.join(self._in_order(role))}]" for role in self.parts],
            ),
            ("# What only its maker knows. Times and tolerances have defaults.", "pixit", self._by_role("pixit")),
            (
                "# What stands around it. Without a meter, its own word about its power cannot be checked.",
                "bench",
                self.bench,
            ),
            ("# What the tester presents and trusts.", "certificates", self.certificates),
        ]
        written = [
            f"{comment}\n{head}:\n" + "".join(f"  {line}\n" for line in lines)
            for comment, head, lines in sections
            if lines
        ]
        return "\n".join(written)

    def _by_role(self, section: str) -> list[str]:
        """The lines of a section that has a part for each role."""
        lines: list[str] = []
        for role, part in self.parts.items():
            if own := getattr(part, section):
                lines += [f"{role}:", *(f"  {line}" for line in own)]
        return lines

    def _in_order(self, role: str) -> list[str]:
        return [name for name in VOCABULARIES[role].names if name in self.parts[role].claims]


_DER = (
    "DC",
    "DER_DC",
    "DER_ENTER_SERVICE",
    "DER_FREQ_DROOP",
    "DER_VOLT_VAR",
    "DER_VOLT_WATT",
    "DER_LIMIT_MAX_DISCHARGE",
)
_ABILITIES: tuple[tuple[str, bool, tuple[str, ...]], ...] = (
    ("Remote start and stop", True, ("REMOTE_START",)),
    ("A local list of tokens", False, ("LOCAL_LIST",)),
    ("Reservation", False, ("RESERVATION",)),
    ("Schedules that the CSMS updates while they run (dynamic profiles)", False, ("DYNAMIC_PROFILES",)),
    ("EVs that speak ISO 15118-20, of which the CSMS hears", True, ("ISO_15118_20",)),
    ("Grid functions of its inverter (DER control, block R); correct the list that is written", False, _DER),
)
_OF_21 = tuple(
    question for question, _, claims in _ABILITIES if set(claims) & {"DYNAMIC_PROFILES", "ISO_15118_20", "DER_DC"}
)

_ROLES: dict[str, tuple[str, Callable[[Draft, str], None]]] = {
    "secc": ("a charger's V2G side", Draft.v2g),
    "charger": ("a whole charger: its V2G side and its OCPP side at once", Draft.charger),
    "evcc": ("an EV", Draft.v2g),
    "station": ("a charging station over OCPP", Draft.station),
    "csms": ("a central system over OCPP", Draft.station),
    "aggregator": ("an aggregator over OpenADR", Draft.aggregator),
}


def main(argv: Sequence[str]) -> int:
    """Exit code 0: written; 3: no usable answer, or the file exists and is to stay."""
    parser = argparse.ArgumentParser(prog="v2x-harness init", description="Write a device description by asking.")
    parser.add_argument("--out", metavar="FILE", type=Path, help="the file to write; asked for when left out")
    parser.add_argument("--role", choices=tuple(_ROLES), help="what is under test; asked for when left out")
    try:
        given = parser.parse_args(argv)
    except SystemExit as ended:
        return 3 if ended.code else 0
    try:
        return _write(Interview(), given.out, given.role)
    except (UsageError, OSError) as refused:
        print(f"v2x-harness init: {refused}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("\nNothing was written.", file=sys.stderr)
        return 3


def _write(interview: Interview, out: Path | None, role: str | None) -> int:
    if role is None:
        for name, (what, _) in _ROLES.items():
            print(f"  {name:<11}{what}", file=sys.stderr)
        role = interview.choose("What is under test", "secc", tuple(_ROLES))
    vendor, model = interview.ask("Vendor", "Acme", _text), interview.ask("Model", "Charger", _text)
    serial, firmware = interview.ask("Serial number", "unknown", _text), interview.ask("Firmware", "unknown", _text)
    path = out or Path(interview.ask("File to write", f"{_slug(vendor)}-{_slug(model)}.yaml"))
    if path.exists() and not interview.confirm(f"{path} exists. Replace it", False):
        raise UsageError(f"{path} stays as it is; name another file with --out")
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent} is no directory; make it first, or name another file with --out")
    draft = Draft(interview, path.parent, path.stem)
    _ROLES[role][1](draft, role)
    device = [f"vendor: {vendor}", f"model: {model}", f"serial: {serial}", f"firmware: {firmware}"]
    path.write_text(draft.text(device), encoding="utf-8")
    try:
        load_description(path)
    except DescriptionError as wrong:
        raise UsageError(f"wrote {path}, but the answers do not fit together; correct the file. {wrong}") from None
    for note in (*draft.notes, f"Wrote {path}. Next: v2x-harness doctor {path}, then v2x-harness run {path}"):
        print(note)
    return 0


def _slug(quoted: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", json.loads(quoted).lower()).strip("-") or "device"


def _interfaces() -> list[str]:
    """Interfaces that could lead to a device, those that are ready for SDP first."""
    ready = {
        name
        for name, addresses in psutil.net_if_addrs().items()
        if any(address.address.startswith("fe80:") for address in addresses)
    }
    return sorted((name for name in psutil.net_if_stats() if name != "lo"), key=lambda name: (name not in ready, name))
