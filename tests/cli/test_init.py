"""`v2x-harness init` writes descriptions that load, asks again when an answer is wrong, and overwrites nothing."""

from __future__ import annotations

import io

import pytest

from harness.cli.init import main
from harness.device.description import load_description


@pytest.fixture
def answers(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def _answers(*lines: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))

    return _answers


@pytest.mark.parametrize("role", ["secc", "evcc", "station", "csms", "aggregator"])
def test_without_a_single_answer_every_role_gets_a_file_that_loads(answers, tmp_path, role, capsys):
    answers()
    assert main(["--role", role, "--out", "device.yaml"]) == 0
    assert load_description(tmp_path / "device.yaml").roles.names == (role,)
    assert "v2x-harness doctor device.yaml" in capsys.readouterr().out


def test_a_whole_charger_is_asked_about_on_both_its_sides(answers, tmp_path, capsys):
    answers()
    assert main(["--role", "charger", "--out", "device.yaml"]) == 0
    description = load_description(tmp_path / "device.yaml")
    assert description.roles.names == ("secc", "station")
    assert {"SECC.DC_BPT", "STATION.V2X_CENTRAL_SETPOINT", "STATION.ISO_15118_20"} <= description.claims
    said = capsys.readouterr().err
    assert said.index("V2G side, towards the EV") < said.index("OCPP side, towards the central system")
    assert said.count("Who plugs in and authorises") == 1


def test_what_a_station_can_do_besides_is_asked_and_claimed(answers, tmp_path):
    answers("Acme", "Post", "", "", "2.1", "0", "", "CS-7", "yes", "yes", "no", "yes", "yes", "yes", "no", "yes")
    assert main(["--role", "station", "--out", "device.yaml"]) == 0
    claims = load_description(tmp_path / "device.yaml").claims
    assert {"STATION.LOCAL_LIST", "STATION.RESERVATION", "STATION.DYNAMIC_PROFILES", "STATION.DER_VOLT_WATT"} <= claims
    assert not {"STATION.REMOTE_START", "STATION.ISO_15118_20"} & claims


def test_answers_arrive_in_the_file(answers, tmp_path):
    answers(
        "secc", "Vólta: & Co", "Box #1", "0042", "", "", "direct", "::1", "61001", "no", "yes", "dynamic",
        "200 V", "900 V", "350 V", "11 kW", "32 A", "7.4 kW", "20 A", "free", "none",
    )  # fmt: skip
    assert main([]) == 0
    description = load_description(tmp_path / "v-lta-co-box-1.yaml")
    assert (description.device.vendor, description.device.serial) == ("Vólta: & Co", "0042")
    access = description.roles.secc
    assert access is not None and (access.host, access.port, access.tls) == ("::1", 61001, False)
    assert description.claims == {"SECC.DC", "SECC.DC_BPT", "SECC.DYNAMIC", "SECC.EIM"}
    assert description.pixit.secc.maximum_discharge_power == 7_400.0
    assert description.bench.trigger.kind == "none"


def test_a_wrong_answer_is_explained_and_asked_again(answers, tmp_path, capsys):
    answers(
        "Acme",
        "Box",
        "",
        "",
        "drect",
        "direct",
        "",
        "99999",
        "61000",
        "lab",
        "maybe",
        "no",
        "both",
        "no",
        "11 kW",
        "100 V",
    )
    assert main(["--role", "secc", "--out", "device.yaml"]) == 0
    said = capsys.readouterr().err
    assert "did you mean direct?" in said
    assert "a port is a number from 1 to 65535" in said
    assert "answer yes or no" in said
    assert "'11 kW' is a power, not a voltage" in said
    assert load_description(tmp_path / "device.yaml").pixit.secc.minimum_voltage == 100.0


def test_an_unusable_answer_ends_without_a_file(answers, tmp_path, capsys):
    answers("Acme", "Box", "", "", *["nonsense"] * 5)
    assert main(["--role", "secc", "--out", "device.yaml"]) == 3
    assert "no usable answer to: How is it found" in capsys.readouterr().err
    assert not (tmp_path / "device.yaml").exists()


def test_answers_that_do_not_fit_together_are_told_and_the_file_is_kept_for_correction(answers, tmp_path, capsys):
    answers("Acme", "Box", "", "", "", "", "no", "no", "", "600 V")
    assert main(["--role", "secc", "--out", "device.yaml"]) == 3
    assert "minimum_voltage: is above maximum_voltage" in capsys.readouterr().err
    assert (tmp_path / "device.yaml").exists()


def test_an_existing_file_stays_unless_the_answer_is_yes(answers, tmp_path, capsys):
    path = tmp_path / "device.yaml"
    path.write_text("mine")
    answers("Acme", "Box", "", "", "no")
    assert main(["--role", "station", "--out", "device.yaml"]) == 3
    assert path.read_text() == "mine"
    assert "stays as it is" in capsys.readouterr().err
    answers("Acme", "Box", "", "", "yes")
    assert main(["--role", "station", "--out", "device.yaml"]) == 0
    assert load_description(path).device.model == "Box"


def test_certificates_that_were_made_before_are_kept(answers, tmp_path):
    answers()
    assert main(["--role", "secc", "--out", "device.yaml"]) == 0
    key = (tmp_path / "device-pki/vehicle/key.pem").read_bytes()
    answers("Acme", "Box", "", "", "yes")
    assert main(["--role", "secc", "--out", "device.yaml"]) == 0
    assert (tmp_path / "device-pki/vehicle/key.pem").read_bytes() == key


def test_own_certificate_files_are_named_and_must_exist(answers, tmp_path, capsys):
    for name in ("a.pem", "b.pem", "c.pem"):
        (tmp_path / name).write_text("x")
    everything_before = ["Acme", "Box", "", "", *[""] * 3, "no", *[""] * 9, "files"]
    answers(*everything_before, "nowhere.pem", "a.pem", "b.pem", "c.pem")
    assert main(["--role", "secc", "--out", "device.yaml"]) == 0, capsys.readouterr().err
    assert "there is no file nowhere.pem" in capsys.readouterr().err
    assert load_description(tmp_path / "device.yaml").certificates.v2g.key == tmp_path / "b.pem"


def test_a_missing_folder_is_told(answers, capsys):
    answers()
    assert main(["--role", "csms", "--out", "nowhere/device.yaml"]) == 3
    assert "is no directory" in capsys.readouterr().err


def test_wrong_arguments_end_with_code_3(answers):
    answers()
    assert main(["--role", "toaster"]) == 3
