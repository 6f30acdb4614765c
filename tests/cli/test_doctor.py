"""`v2x-harness doctor` says in plain words what keeps a bench from reaching its device, and never breaks down itself."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from harness.cli import doctor_machine, doctor_reach
from harness.cli.doctor import main
from harness.link.namespace import isolated, why_forbidden
from harness.pki.factory import make_pki
from harness.pki.recipe import ChainRecipe, Recipe

NOW = datetime.now(UTC)
RECIPE = Recipe(
    (
        ChainRecipe("secc", "secc"),
        ChainRecipe("vehicle", "vehicle"),
        ChainRecipe("vehicle_expired", "vehicle", "expired"),
        ChainRecipe("vehicle_wrong_root", "vehicle", "wrong_root"),
    )
)
BODY = """\
device: {vendor: Acme, model: Box}
roles:
  secc: {transport: direct, host: 127.0.0.1, port: PORT, tls: TLS}
pics:
  secc: [DC, DYNAMIC, EIM, TLS]
pixit:
  secc: {maximum_voltage: 500 V, minimum_voltage: 150 V, maximum_charge_power: 22 kW, maximum_charge_current: 60 A}
bench: {trigger: {kind: none}}
"""
FILES = "certificates: {v2g: {chain: pki/CHAIN/chain.pem, key: pki/CHAIN/key.pem, roots: [pki/roots/v2g_root.pem]}}\n"


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    folder = tmp_path_factory.mktemp("doctor")
    make_pki(RECIPE, NOW).write(folder / "pki")
    return folder


@pytest.fixture(autouse=True)
def bench(monkeypatch, pki, tmp_path):
    monkeypatch.setattr(doctor_machine, "why_forbidden", lambda: None)
    monkeypatch.setattr(doctor_reach, "_ALERT_PATIENCE", 0.2)
    monkeypatch.setattr(doctor_reach, "_PATIENCE", 1.0)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pki").symlink_to(pki / "pki")


@pytest.fixture
def doctor(tmp_path, capsys):
    def _doctor(text: str, now: datetime = NOW) -> tuple[int, str]:
        (tmp_path / "acme.yaml").write_text(text)
        code = main(["acme.yaml"], now)
        heard = capsys.readouterr()
        return code, heard.out + heard.err

    return _doctor


def described(port: int, tls: str = "false", chain: str = "") -> str:
    text = BODY.replace("PORT", str(port)).replace("TLS}", f"{tls}}}")
    text = text.replace("EIM, TLS", "EIM") if tls == "false" else text
    return text + (FILES.replace("CHAIN", chain) if chain else "")


@contextmanager
def serving(context: ssl.SSLContext | None = None, greeting: bytes | None = None) -> Iterator[int]:
    """A device on loopback: takes one connection, with TLS or without, and says `greeting` or waits for the end."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def serve() -> None:
            with suppress(OSError):
                connected, _ = listening.accept()
                with closing(context.wrap_socket(connected, server_side=True) if context else connected) as peer:
                    if greeting is not None:
                        peer.sendall(greeting)
                    peer.settimeout(5)
                    peer.recv(1)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.close()
        thread.join(timeout=10)


def secc_context(pki: Path, trusted: str = "oem_root") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(pki / "pki/secc/chain.pem", pki / "pki/secc/key.pem")
    context.load_verify_locations(pki / f"pki/roots/{trusted}.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def unused_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        return int(listening.getsockname()[1])


def test_a_machine_in_order_needs_no_device(capsys):
    assert main([], NOW) == 0
    said = capsys.readouterr().out
    assert "Nothing is broken" in said
    assert "reports go to" in said


def test_a_clock_that_stands_in_the_past_is_told(capsys):
    assert main([], datetime(1970, 1, 1, tzinfo=UTC)) == 4
    assert "the clock says 1970-01-01" in capsys.readouterr().out


def test_forbidden_namespaces_are_noted_and_break_nothing(monkeypatch, capsys):
    monkeypatch.setattr(doctor_machine, "why_forbidden", lambda: "the kernel refuses")
    assert main([], NOW) == 0
    assert "tests of real devices do not need them" in capsys.readouterr().out


def test_a_place_where_no_report_can_be_written_is_told(tmp_path, capsys):
    (tmp_path / "reports").write_text("a file in the way")
    assert main([], NOW) == 4
    assert "cannot be written" in capsys.readouterr().out


def test_a_missing_package_is_told(monkeypatch, capsys):
    monkeypatch.setattr(doctor_machine, "_installed", lambda name: name != "scapy")
    assert main([], NOW) == 4
    assert "packages are missing: scapy" in capsys.readouterr().out


def test_a_wrong_description_ends_with_code_3(doctor):
    code, said = doctor("device: {vendor: A}\n")
    assert code == 3
    assert "device.model: is missing" in said and "roles: is missing" in said


def test_a_missing_description_ends_with_code_3(capsys):
    assert main(["nowhere.yaml"], NOW) == 3
    assert "there is no such file" in capsys.readouterr().err


def test_wrong_arguments_end_with_code_3():
    assert main(["--nonsense"], NOW) == 3


def test_a_device_that_takes_connections_is_reached(doctor):
    with serving() as port:
        code, said = doctor(described(port))
    assert code == 0, said
    assert f"connected to 127.0.0.1:{port}" in said or f"connected to [127.0.0.1]:{port}" in said


def test_a_closed_port_is_told_with_the_remedy(doctor):
    code, said = doctor(described(unused_port()))
    assert code == 4
    assert "BROKEN   tcp to" in said and "check host and port" in said


def test_a_handshake_with_the_given_certificates_is_shown(doctor, pki):
    with serving(secc_context(pki)) as port:
        code, said = doctor(described(port, "true", "vehicle"))
    assert code == 0, said
    assert "with TLSv1.3" in said
    assert "the key fits the certificate" in said


def test_a_device_that_does_not_trust_the_tester_is_told(doctor, pki):
    with serving(secc_context(pki, trusted="v2g_root")) as port:
        code, said = doctor(described(port, "true", "vehicle"))
    assert code == 4
    assert "the device refuses the tester's certificate" in said


def test_a_device_whose_root_is_not_trusted_is_told(doctor, pki):
    with serving(secc_context(pki)) as port:
        code, said = doctor(described(port, "true", "vehicle").replace("v2g_root", "oem_root"))
    assert code == 4
    assert "BROKEN   tls to" in said and "certificates.v2g.roots" in said


def test_a_device_without_tls_where_tls_is_described_is_told(doctor):
    with serving(greeting=b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        code, said = doctor(described(port, "true", "vehicle"))
    assert code == 4
    assert "BROKEN   tls to" in said


def test_an_expired_certificate_is_told(doctor):
    code, said = doctor(described(unused_port(), "true", "vehicle_expired"))
    assert code == 4
    assert "expired on" in said


def test_a_certificate_that_expires_soon_is_noted(doctor, pki):
    with serving(secc_context(pki)) as port:
        _, said = doctor(described(port, "true", "vehicle"), NOW + timedelta(days=365 * 4 - 5))
    assert "note     certificates.v2g: chain.pem, certificate 1 expires on" in said


def test_a_key_of_another_certificate_is_told(doctor):
    text = described(unused_port(), "true", "vehicle").replace("vehicle/key", "secc/key")
    code, said = doctor(text)
    assert code == 4
    assert "key.pem is not the key of the first certificate in chain.pem" in said


@pytest.mark.parametrize(
    "content", [b"", b"junk", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", b"\x30\x82\x00"]
)
def test_files_that_hold_no_certificate_and_no_key_are_told(doctor, tmp_path, content):
    (tmp_path / "x.pem").write_bytes(content)
    text = described(unused_port(), "true") + "certificates: {v2g: {chain: x.pem, key: x.pem, roots: [x.pem]}}\n"
    code, said = doctor(text)
    assert code == 4
    assert "holds no certificate" in said and "holds no private key" in said


def test_a_missing_interface_is_told(doctor):
    code, said = doctor(
        described(1).replace("transport: direct, host: 127.0.0.1, port: 1", "transport: sdp, interface: nosuch0")
    )
    assert code == 4
    assert "Interface nosuch0 does not exist" in said


STATION = """\
device: {vendor: Acme, model: Post}
roles:
  station: {ocpp: 2.1, identity: CS-1, listen: "127.0.0.1:PORT", security_profile: 0}
pics: {station: [OCPP_21, SECURITY_0]}
pixit: {station: {maximum_charge_power: 22 kW, connect_time: 1 s}}
bench: {trigger: {kind: none}}
"""


def test_a_free_port_can_wait_for_a_station_that_does_not_come(doctor):
    code, said = doctor(STATION.replace("PORT", str(unused_port())))
    assert code == 4, said
    assert "the station can be waited for" in said
    assert "nobody knocked within 1 s" in said


def test_a_taken_port_is_told(doctor):
    with serving() as port:
        code, said = doctor(STATION.replace("PORT", str(port)))
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
    assert code == 4
    assert "end the program that uses it" in said


def test_a_csms_that_answers_is_reached_and_a_silent_one_is_told(doctor):
    text = """\
device: {vendor: Acme, model: Cloud}
roles:
  csms: {ocpp: 2.1, url: "ws://127.0.0.1:PORT/ocpp", identity: CS-1, security_profile: 0}
pics: {csms: [OCPP_21, SECURITY_0]}
"""
    with serving() as port:
        assert doctor(text.replace("PORT", str(port)))[0] == 0
    code, said = doctor(text.replace("PORT", str(unused_port())))
    assert code == 4
    assert "start the CSMS" in said


def test_what_the_bench_promises_is_looked_at_and_not_done(doctor, tmp_path):
    script = tmp_path / "plug.sh"
    script.write_text(f"#!/bin/sh\ntouch {tmp_path}/plugged\n")
    script.chmod(0o755)
    gone = f"bench: {{meter: {{kind: command, command: cat nothing}}, trigger: {{kind: none, actions: {{plug: {script}, unplug: no-such-tool off, limit: none}}}}}}"
    with serving() as port:
        code, said = doctor(described(port).replace("bench: {trigger: {kind: none}}", gone))
    assert code == 4
    assert "the meter cannot be read" in said
    assert "bench.trigger.actions.unplug: there is no program no-such-tool" in said
    assert "cannot be done on this bench: limit" in said
    assert not (tmp_path / "plugged").exists()


def test_a_meter_that_answers_is_read(doctor, tmp_path):
    (tmp_path / "meter.json").write_text('{"power": -3000.0}')
    metered = "bench: {meter: {kind: command, command: cat meter.json}, trigger: {kind: none}}"
    with serving() as port:
        code, said = doctor(described(port).replace("bench: {trigger: {kind: none}}", metered))
    assert code == 0, said
    assert "the meter reads -3.000 kW" in said


def test_the_embedded_reference_needs_nothing(capsys):
    from harness.resources import resource

    assert main([str(resource("fixtures", "devices", "reference-secc.yaml"))], NOW) == 0
    assert "nothing to reach" in capsys.readouterr().out


_FAR_END = """
import asyncio, sys
from ipaddress import IPv6Address
from harness.link.sockets import SocketNetwork
from harness.v2g.sdp import ALL_NODES, SERVER_PORT, Security, answer

async def serve():
    network = SocketNetwork("v2x1")
    asked = await network.datagrams(SERVER_PORT, ALL_NODES)
    listener = await network.listen(0, lambda transport: transport.read())
    print("ready", flush=True)
    while True:
        octets, sender = await asked.receive()
        if sys.argv[1] == "answering":
            ports = {Security.NONE: listener.address.port}
            await asked.send(answer(octets, IPv6Address("fe80::2"), ports), sender)

asyncio.run(serve())
"""
_NEAR_END = f"""
import subprocess, sys
from harness.cli import doctor_machine, doctor_reach
from harness.cli.doctor import main
from harness.link.namespace import veth_pair

doctor_machine.why_forbidden = lambda: None
doctor_reach._PATIENCE = 1.0
with veth_pair() as (near, far):
    serving = [sys.executable, "-c", {_FAR_END!r}, sys.argv[1]]
    with subprocess.Popen(serving, stdout=subprocess.PIPE, preexec_fn=far.join) as device:
        device.stdout.readline()
        code = main(["acme.yaml"])
        device.terminate()
sys.exit(code)
"""


@pytest.mark.parametrize(
    ("answering", "code", "said"),
    [("answering", 0, "SDP is answered: [fe80::2]"), ("silent", 4, "nobody answered SDP")],
)
def test_sdp_on_a_private_cable_is_tried_for_real(tmp_path, answering, code, said):
    if refused := why_forbidden():
        pytest.skip(refused)
    text = described(1).replace("transport: direct, host: 127.0.0.1, port: 1", "transport: sdp, interface: v2x0")
    (tmp_path / "acme.yaml").write_text(text)
    command = isolated([sys.executable, "-c", _NEAR_END, answering])
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=60)
    assert (done.returncode, done.stderr) == (code, ""), done.stdout + done.stderr
    assert said in done.stdout
