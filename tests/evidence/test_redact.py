"""Secrets are blotted out of data, texts and YAML; what is no secret stays."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from harness.evidence.redact import BLOTTED, redact, redact_prose, redact_text, redact_yaml

KEY = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----"


def test_values_under_telling_keys_are_blotted_out_at_any_depth() -> None:
    data = {"csms": {"basic_auth_password": "x1", "url": "wss://bob:x2@host/ocpp"}, "tokens": [{"api-key": "x3"}]}
    assert redact(data) == {
        "csms": {"basic_auth_password": BLOTTED, "url": f"wss://{BLOTTED}@host/ocpp"},
        "tokens": [{"api-key": BLOTTED}],
    }


def test_what_is_no_secret_stays() -> None:
    data = {"vendor": "Key & Token Ltd", "serial": "42", "keylog": "a/b", "password": None, "port": 80}
    assert redact(data) == data


def test_idtoken_in_a_finding_keeps_its_value() -> None:
    assert redact_prose("idToken: Accepted") == "idToken: Accepted"


@pytest.mark.parametrize(
    "text",
    [
        "v2x-harness run --token geheim --n 2",
        "run --password=geheim",
        "header Authorization: Bearer geheimgeheim",
        "password: 'geheim'",
        'PASSWORD="geheim word"',
    ],
)
def test_secrets_in_texts_are_blotted_out(text: str) -> None:
    assert "geheim" not in redact_text(text)
    assert BLOTTED in redact_text(text)


def test_private_keys_are_blotted_out_even_when_cut_off() -> None:
    assert redact_text(f"a {KEY} b") == f"a {BLOTTED} b"
    assert "MHcCAQEE" not in redact_text(KEY[:45])


@pytest.mark.parametrize(
    "text",
    [
        "password: geheim # why\nport: 1\n",
        "{password: geheim, port: 1}\n",
        "password: |\n  geheim\n  geheim two\nport: 1\n",
        "password: >-\n  geheim\nport: 1\n",
        "password: &a geheim\nport: 1\n",
        "secrets: 1\nclient_secret:\n  - geheim\n  - {x: geheim}\nport: 1\n",
        '"password": "geheim\\nmore"\nport: 1\n',
        "port: 1\n# password: geheim\n",
        "password: geheim\nbroken: [\n",
        f"port: 1\npem: |\n  {KEY.replace(chr(10), chr(10) + '  ')}\n".replace("MHcCAQEE", "geheim"),
    ],
)
def test_secrets_in_yaml_are_blotted_out_and_the_rest_stays(text: str) -> None:
    clean = redact_yaml(text)
    assert "geheim" not in clean
    if "broken" not in text:
        assert yaml.safe_load(clean)["port"] == 1


@given(st.text(max_size=80))
def test_redaction_survives_any_text(text: str) -> None:
    assert isinstance(redact_yaml(text), str)
