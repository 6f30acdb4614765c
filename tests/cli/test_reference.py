"""`v2x-harness reference`: a process of its own that says where it listens and ends when asked to."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request

from harness.cli import main


def test_a_charger_serves_its_controls_and_ends_on_sigterm():
    entry = "import sys; from harness.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", entry, "reference", "secc", "--no-tls", "--control", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            address = line.rsplit(" ", 1)[1].strip()
            call = urllib.request.Request(address + "setpoint", data=b'{"watts": -3000}', method="POST")
            with urllib.request.urlopen(call, timeout=10) as answer:
                assert json.load(answer) == {"done": "setpoint"}
            with urllib.request.urlopen(address + "meter", timeout=10) as answer:
                assert json.load(answer)["power"] == 0.0
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        finally:
            process.kill()
    assert line.startswith(("secc listens on [::1]:", "secc listens on 127.0.0.1:"))


def test_wrong_arguments_are_said_with_exit_code_3(capsys):
    assert main(["reference", "sec", "--no-tls"]) == 3
    assert main(["reference", "secc", "--mutant", "secc-zero-sesion-id", "--no-tls"]) == 3
    assert main(["reference", "secc", "--bogus"]) == 3
    said = capsys.readouterr().err

    assert "did you mean secc" in said and "secc-zero-session-id" in said


def test_tls_without_certificates_is_said(capsys):
    assert main(["reference", "secc"]) == 3
    assert "--pki" in capsys.readouterr().err
