"""Descriptions: what is right loads, what is wrong is told with place and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.device.bench import CommandAction, HttpAction, NoAction, OperatorAction
from harness.device.description import DeviceDescription, load_description
from harness.device.problems import DescriptionProblems
from harness.device.units import Tolerance
from harness.errors import DescriptionError
from harness.resources import resource

SECC = """\
device:
  vendor: Acme
  model: Box
roles:
  secc:
    transport: direct
    host: "::1"
    port: 61000
    tls: false
pics:
  secc: [DC, DC_BPT, DYNAMIC, EIM]
pixit:
  secc:
    maximum_voltage: 1 kV
    minimum_voltage: 150 V
    maximum_charge_power: 22 kW
    maximum_charge_current: 60 A
    maximum_discharge_power: 11 kW
    maximum_discharge_current: 30 A
"""


@pytest.fixture
def load(tmp_path):
    def _load(text: str) -> DeviceDescription:
        path = tmp_path / "acme.yaml"
        path.write_text(text, encoding="utf-8")
        return load_description(path)

    return _load


@pytest.fixture
def problems(load):
    def _problems(text: str) -> list[str]:
        with pytest.raises(DescriptionProblems) as raised:
            load(text)
        return [str(each) for each in raised.value.problems]

    return _problems


@pytest.mark.parametrize("path", sorted(resource("fixtures", "devices").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_description_that_comes_with_the_harness_loads(path):
    assert load_description(path).roles.names


def test_quantities_arrive_as_numbers_in_base_units(load):
    description = load(SECC + "    ramp_time: 250 ms\n    setpoint_tolerance: 2 % or 100 W\n")
    assert description.pixit.secc.ramp_time == 0.25
    assert description.pixit.secc.maximum_voltage == 1000.0
    assert description.pixit.secc.setpoint_tolerance == Tolerance(amount=100.0, share=0.02)


def test_claims_carry_their_role(load):
    assert load(SECC).claims == {"SECC.DC", "SECC.DC_BPT", "SECC.DYNAMIC", "SECC.EIM"}


def test_a_description_remembers_its_file(load, tmp_path):
    description = load(SECC)
    assert description.source.path == tmp_path / "acme.yaml"
    assert description.source.text == SECC
    assert description.title == "Acme Box (unknown)"


def test_a_description_cannot_be_changed(load):
    with pytest.raises(ValueError, match="frozen"):
        load(SECC).pixit.secc.ramp_time = 1.0


def test_an_unknown_key_names_file_line_path_and_the_nearest_key(problems):
    assert problems(SECC.replace("port: 61000", "port: 61000\n    prot: 1")) == [
        "acme.yaml:9 roles.secc.prot: unknown key (did you mean port?)"
    ]


def test_all_problems_are_told_at_once_in_the_order_of_lines(problems):
    text = (
        SECC.replace("model: Box", "modle: Box")
        .replace("61000", "'61000'")
        .replace("DC_BPT", "DC_BTP")
        .replace("1 kV", "1 kW")
    )
    assert problems(text) == [
        "acme.yaml:1 device.model: is missing (add `model: ...`; What it is called.)",
        "acme.yaml:3 device.modle: unknown key (did you mean model?)",
        "acme.yaml:8 roles.secc.port: is not a whole number (write a number without quotes, point or unit)",
        "acme.yaml:11 pics.secc[2]: DC_BTP is no claim of a secc (did you mean DC_BPT?)",
        "acme.yaml:14 pixit.secc.maximum_voltage: '1 kW' is a power, not a voltage; write for example 400 V",
    ]


def test_a_key_that_stands_twice_is_an_error_and_not_the_last_one(problems):
    assert problems(SECC.replace("tls: false", "tls: false\n    port: 7")) == [
        "acme.yaml:10 roles.secc.port: stands twice, first in line 8 (remove one of the two)"
    ]


def test_a_number_where_text_is_meant_is_shown_as_it_would_be_quoted(problems):
    assert problems(SECC.replace("model: Box", "model: 0042")) == [
        "acme.yaml:3 device.model: 0042 is read as a number, not as text (put it in quotes: '0042')"
    ]


def test_a_key_without_a_value_is_told(problems):
    assert problems(SECC.replace("model: Box", "model:")) == [
        "acme.yaml:3 device.model: has no value (write a value after the colon, or remove the line)"
    ]
    assert problems(SECC.replace('host: "::1"', "host:")) == [
        "acme.yaml:7 roles.secc.host: is missing (transport direct needs host and port; add `host: ...`)"
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('host: "::1"\n    ', "", "roles.secc.host: is missing (transport direct needs host and port"),
        ("transport: direct", "transport: sdp", "roles.secc.interface: is missing (SDP is multicast"),
        ("tls: false", "slac: true\n    tls: false", "roles.secc.slac: needs an interface"),
        ("tls: false", "tls: true", "roles.secc.tls: uses TLS, but pics.secc does not claim it"),
        ("tls: false", "tls: lob", "lob is not one of true, false, iso15118-20, lab"),
        ("transport: direct", "transport: drect", "drect is not one of sdp, direct (did you mean direct?)"),
        ("maximum_discharge_power: 11 kW", "", "pixit.secc.maximum_discharge_power: is missing"),
        ("    maximum_discharge_current: 30 A\n", "", "pixit.secc.maximum_discharge_current: is missing"),
        ("minimum_voltage: 150 V", "minimum_voltage: 2 kV", "pixit.secc.minimum_voltage: is above maximum_voltage"),
        ("maximum_voltage: 1 kV", "maximum_voltage: 300 V", "pixit.secc.nominal_voltage: is not between"),
        ("maximum_charge_power: 22 kW", "maximum_charge_power: -22 kW", "should be greater than or equal to 0"),
        ("DYNAMIC, EIM", "MOBILITY_NEEDS_2, EIM", "MOBILITY_NEEDS_2 without SECC.DYNAMIC (Dynamic control)"),
        ("DC, DC_BPT, DYNAMIC, EIM", "DC, DC", "pics.secc[2]: DC is claimed twice"),
        ("[DC, DC_BPT, DYNAMIC, EIM]", "[EIM]", "pics.secc: claims no way to transfer energy"),
        (
            "  secc: [DC, DC_BPT, DYNAMIC, EIM]",
            "  evcc: [DC]",
            "pics.evcc: claims for a evcc, which roles does not list",
        ),
        ("  secc: [DC, DC_BPT, DYNAMIC, EIM]", "  evcc: [DC]", "pics.secc: claims nothing, so no case applies"),
    ],
)
def test_what_does_not_fit_together_is_told(problems, old, new, said):
    assert old in SECC
    assert any(said in each for each in problems(SECC.replace(old, new))), problems(SECC.replace(old, new))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("bench: {meter: {kind: http}}", "bench.meter.url: is missing (kind http needs it"),
        ("bench: {meter: {url: 'http://x/'}}", "bench.meter.url: is not used with kind none"),
        (
            "bench: {trigger: {kind: htp}}",
            "htp is not one of operator, http, command, reference, none (did you mean http?)",
        ),
        ("bench: {trigger: {kind: http}}", "kind http without a single action of that kind"),
        (
            "bench: {trigger: {actions: {plugg: operator}}}",
            "bench.trigger.actions.plugg: unknown key (did you mean plug?)",
        ),
        (
            "bench: {trigger: {actions: {setpoint: 'run {watt}'}}}",
            "actions.setpoint: unknown value {watt} (did you mean watts?)",
        ),
        ("bench: {trigger: {actions: {authorise: 'run {watts}'}}}", "no value can stand here; double literal braces"),
        ("bench: {trigger: {actions: {plug: 'run {'}}}", "double literal braces"),
        ('bench: {trigger: {actions: {plug: "run \'x"}}}', "is no command line"),
        ("bench: {trigger: {actions: {plug: {url: nowhere}}}}", "plug.url: 'nowhere' is not an address"),
        (
            "bench: {trigger: {actions: {plug: {command: x, timout: 3}}}}",
            "plug.timout: unknown key (did you mean timeout?)",
        ),
        ("bench: {grid_source: {kind: command, command: 'set {volt}'}}", "unknown value {volt} (did you mean volts?)"),
        ("certificates: {v2g: {chain: no.pem, key: no.key}}", "no.pem does not exist"),
        ("certificates: {v2g: {generated: standrad}}", "there is no recipe standrad (did you mean standard?)"),
        ("programme: 7", "programme: 7 is read as a number, not as text"),
        ("programme: no-such-thing", "does not come with this harness"),
        ("grid_code: mine.yaml", "mine.yaml does not exist"),
        ("prgramme: x", "prgramme: unknown key (did you mean programme?)"),
    ],
)
def test_the_other_sections_are_as_strict(problems, more, said):
    found = problems(f"{SECC}{more}\n")
    assert any(said in each for each in found), found
    assert all("acme.yaml:20" in each for each in found)


def test_mutual_tls_needs_a_certificate_of_the_tester(problems):
    text = SECC.replace("tls: false", "tls: true").replace("EIM]", "EIM, TLS]")
    assert problems(text) == [
        "acme.yaml:1 certificates.v2g: names no certificate of the tester, but roles.secc uses mutual TLS "
        "(add chain, key and roots below certificates.v2g, or `generated: true`)"
    ]


def test_certificate_files_are_sought_beside_the_description(load, tmp_path):
    for name in ("chain.pem", "leaf.key", "root.pem"):
        (tmp_path / name).write_text("x")
    text = SECC.replace("tls: false", "tls: lab").replace("EIM]", "EIM, TLS]")
    files = load(text + "certificates: {v2g: {chain: chain.pem, key: leaf.key, roots: [root.pem]}}\n").certificates.v2g
    assert files.chain == tmp_path / "chain.pem"
    assert files.roots == (tmp_path / "root.pem",)
    assert files.recipe is None


def test_actions_may_be_written_short(load):
    trigger = load(
        SECC
        + """\
bench:
  trigger:
    kind: operator
    actions:
      plug: relayctl plug "port 1"
      setpoint: http://bench.local/power?w={watts}
      limit: {url: "http://bench.local/limit", method: PUT, body: '{{"w": {watts}}}'}
      power_cycle: none
      authorise: {ask: Hold the green card to the reader.}
"""
    ).bench.trigger
    plug, setpoint = trigger.action("plug"), trigger.action("setpoint")
    assert isinstance(plug, CommandAction) and plug.arguments == ("relayctl", "plug", "port 1")
    assert isinstance(setpoint, HttpAction) and setpoint.method == "POST"
    assert isinstance(trigger.action("power_cycle"), NoAction)
    assert isinstance(trigger.action("unplug"), OperatorAction)
    assert trigger.action("authorise") == OperatorAction(ask="Hold the green card to the reader.")
    assert "power_cycle" not in trigger.available and "unplug" in trigger.available


def test_what_a_http_or_command_trigger_does_not_list_cannot_be_done(load):
    trigger = load(SECC + "bench: {trigger: {kind: command, actions: {plug: relay on}}}\n").bench.trigger
    assert trigger.available == {"plug"}


STATION = """\
device: {vendor: Acme, model: Post}
roles:
  station: {ocpp: [2.1, 2.0.1], identity: CS-1, listen: "127.0.0.1:9000", security_profile: 0}
pics:
  station: [OCPP_21, OCPP_201, SECURITY_0, DC, SMART_CHARGING, V2X, V2X_CENTRAL_SETPOINT]
pixit:
  station: {maximum_charge_power: 22 kW, maximum_discharge_power: 11 kW}
"""


def test_a_station_is_described_with_its_versions_best_first(load):
    access = load(STATION).roles.station
    assert access is not None and access.ocpp == ("2.1", "2.0.1")
    assert access.listen_on == ("127.0.0.1", 9000)


def test_one_version_needs_no_list(load):
    access = load(STATION.replace("[2.1, 2.0.1]", "2.1")).roles.station
    assert access is not None and access.ocpp == ("2.1",)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[2.1, 2.0.1]", "[2.1, 3.0]", "3.0 is not one of 1.6, 2.0.1, 2.1"),
        ("[2.1, 2.0.1]", "[2.1, 1.6]", "offers OCPP 1.6, but pics.station does not claim OCPP_16"),
        ("[2.1, 2.0.1]", "[2.1, 2.1]", "names something twice"),
        ("127.0.0.1:9000", "9000", "is not host:port"),
        ("127.0.0.1:9000", "::1:9000", "write [::1]:9000"),
        ("security_profile: 0", "security_profile: 1", "password: is missing"),
        ("security_profile: 0", "security_profile: 4", "roles.station.security_profile"),
        (
            "security_profile: 0",
            "security_profile: 3",
            "names no certificate of the tester, but roles.station uses wss",
        ),
        (", maximum_discharge_power: 11 kW", "", "pixit.station.maximum_discharge_power: is missing"),
        ("SMART_CHARGING, ", "", "V2X without STATION.SMART_CHARGING"),
    ],
)
def test_a_station_that_does_not_fit_together_is_told(problems, old, new, said):
    assert any(said in each for each in problems(STATION.replace(old, new))), problems(STATION.replace(old, new))


def test_a_csms_is_described(load, problems):
    text = """\
device: {vendor: Acme, model: Cloud}
roles:
  csms: {ocpp: 2.1, url: "wss://csms.example/ocpp", identity: CS-1, security_profile: 2, password: 0123456789abcdef}
pics:
  csms: [OCPP_21, SECURITY_2, REMOTE_START]
pixit:
  csms: {id_token: "04A1"}
"""
    assert load(text).roles.names == ("csms",)
    assert "runs over wss://" in problems(text.replace("wss:", "ws:"))[0]
    assert "pixit.csms.id_token: is missing" in problems(text.replace('id_token: "04A1"', ""))[0]


def test_an_aggregator_is_described(load, problems):
    text = """\
device: {vendor: Acme, model: Aggregator}
roles:
  aggregator: {openadr: 3.1, ven: ven-1, listen: "[::1]:8080", tls: false, resources: [site-1]}
pics:
  aggregator: [OPENADR_31, CONTROL_SETPOINT, REPORTS]
"""
    access = load(text).roles.aggregator
    assert access is not None and access.openadr == "3.1" and access.listen_on == ("::1", 8080)
    assert "aggregator uses https" in problems(text.replace("tls: false", "tls: true"))[0]


def test_an_evcc_is_described(load):
    text = SECC.replace("secc:", "evcc:").replace("61000", "61001")
    assert load(text + "    battery_capacity: 60 kWh\n").pixit.evcc.battery_capacity == 60_000.0


def test_no_role_at_all_is_told(problems):
    assert "names no role" in problems("device: {vendor: A, model: B}\nroles: {}\n")[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"# nothing\n", "the file is empty"),
        (b"just words", "is no description"),
        (b"- a\n- b\n", "is no description"),
        (b"a: [1, 2\nb: 3\n", "not YAML"),
        (b"a:\n\tb: 1\n", "indent with spaces"),
        (b"\x80\xff\x00", "is not UTF-8 text"),
        (b"a: \x00\n", "not YAML"),
        (b"--- {}\n--- {}\n", "not YAML"),
        (b"a: &x [1]\nb: *x\n", "anchors and aliases are not read"),
        (b"[" * 100_000, "levels deep"),
        (b"? [a]\n: 1\n", "a key is not a word"),
        (b"device: !!python/object:os.system {}\n", "device"),
        (b"device: !!binary '=='\n", "device"),
        (b"x" * 10_000_000, "is larger than"),
        (b"<?xml version='1.0'?><a/>", "is no description"),
        (b"\x7fELF\x02\x01\x01\x00", "not YAML"),
    ],
)
def test_a_file_that_is_no_description_is_told_without_a_traceback(tmp_path, content, said):
    path = tmp_path / "acme.yaml"
    path.write_bytes(content)
    with pytest.raises(DescriptionError, match=r"acme\.yaml") as raised:
        load_description(path)
    assert said in str(raised.value)


def test_a_missing_file_suggests_the_nearest_one(tmp_path):
    (tmp_path / "acme.yaml").write_text(SECC)
    with pytest.raises(DescriptionError, match=r"there is no such file \(did you mean acme\.yaml\?\)"):
        load_description(tmp_path / "acne.yaml")


def test_a_directory_is_told(tmp_path):
    with pytest.raises(DescriptionError, match="this is a directory"):
        load_description(tmp_path)


def test_a_device_node_is_told():
    with pytest.raises(DescriptionError, match="not a regular file"):
        load_description(Path("/dev/null"))
