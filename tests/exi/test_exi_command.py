"""The exi command: one message, or JSON lines."""

import io
import json
import re

import pytest
from vectors import load

from harness.cli.exi import main

VECTORS = [parameter.values[0] for parameter in load("golden")]
STOP = next(v for v in VECTORS if v["root"] == "SessionStopRes")
SIGNED = next(v for v in VECTORS if v["root"] == "SignedInfo")


@pytest.fixture
def command(capsys, monkeypatch):
    """Runs the command with standard input; gives exit code, output and errors."""

    def run(*arguments, stdin=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = main(list(arguments))
        return code, *capsys.readouterr()

    return run


def test_decodes_hex_to_xml(command):
    assert command("decode", "--schema", "CommonMessages", STOP["exi"]) == (0, STOP["xml"] + "\n", "")


def test_encodes_xml_from_standard_input_to_hex(command):
    assert command("encode", "--schema", "CommonMessages", stdin=STOP["xml"]) == (0, STOP["exi"] + "\n", "")


def test_decodes_a_fragment(command):
    code, out, _ = command("decode", "--schema", "XMLDSIG", "--kind", "fragment", "--root", "SignedInfo", SIGNED["exi"])

    assert (code, out) == (0, SIGNED["xml"] + "\n")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["decode", "--schema", "DC", "zz"], "not hex"),
        (["decode", "--schema", "DC", "80"], "the stream ends"),
        (
            ["decode", "--schema", "CommonMessages", "--root", "SessionStopReq", STOP["exi"]],
            "root element is SessionStopRes",
        ),
        (["encode", "--schema", "DC", STOP["xml"]], "SessionStopRes.*unknown as a root"),
    ],
)
def test_says_why_the_input_cannot_be_coded(command, arguments, complaint):
    code, out, err = command(*arguments)

    assert (code, out) == (1, "")
    assert re.search(complaint, err)


@pytest.mark.parametrize("arguments", [[], ["decode", "80"], ["decode", "--schema", "XY", "80"], ["turn"]])
def test_wrong_arguments_are_exit_code_3(command, arguments):
    assert command(*arguments)[0] == 3


def test_help_is_no_error(command):
    assert command("--help")[0] == 0


def test_a_batch_answers_line_by_line_in_order(command):
    decoding = "\n".join(json.dumps({key: v[key] for key in ("schema", "kind", "root", "exi")}) for v in VECTORS)
    encoding = "\n".join(json.dumps({key: v[key] for key in ("schema", "kind", "root", "xml")}) for v in VECTORS)

    _, decoded, _ = command("decode", "--batch", stdin=decoding)
    _, encoded, _ = command("encode", "--batch", stdin=encoding)

    assert [json.loads(line) for line in decoded.splitlines()] == [{"xml": v["xml"]} for v in VECTORS]
    assert [json.loads(line) for line in encoded.splitlines()] == [{"exi": v["exi"]} for v in VECTORS]


def test_a_batch_explains_a_bad_line_and_goes_on(command):
    broken = {"schema": "CommonMessages", "kind": "document", "exi": STOP["exi"][:-4]}
    lines = ["{", "[]", '{"schema": "XY"}', '{"schema": "DC", "kind": "page"}', '{"schema": "DC", "root": 1}']
    lines += ['{"schema": "DC"}', json.dumps(broken), json.dumps({**broken, "exi": STOP["exi"]})]

    code, out, _ = command("decode", "--batch", stdin="\n".join(lines))

    *failures, last = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert last == {"xml": STOP["xml"]}
    assert [failure["error"]["message"][:12] for failure in failures] == [
        "not JSON: Ex", "a JSON list", "schema 'XY' ", "kind 'page' ", "root 1 is no", "exi is missi", "the stream e",
    ]  # fmt: skip
    assert failures[-1]["error"]["path"] == "SessionStopRes.ResponseCode"
    assert isinstance(failures[-1]["error"]["bit"], int)
    assert all(failure["error"]["expected"] for failure in failures)
