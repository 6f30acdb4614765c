"""What the tester presents where its PKI lies in files."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from harness.actor import tester_pki
from harness.device.description import load_description
from harness.errors import Inconclusive
from harness.pki.factory import make_pki
from harness.pki.recipe import ChainRecipe, Recipe

NOW = datetime.now(UTC)
DEVICE = {
    "device": {"vendor": "Acme", "model": "Box"},
    "roles": {"secc": {"transport": "direct", "host": "127.0.0.1", "port": 61000, "tls": "lab"}},
    "pics": {"secc": ["DC", "SCHEDULED", "DYNAMIC", "EIM", "TLS"]},
    "pixit": {
        "secc": {
            "maximum_voltage": 500,
            "minimum_voltage": 150,
            "maximum_charge_power": 22000,
            "maximum_charge_current": 60,
        }
    },
    "bench": {"trigger": {"kind": "none"}},
}
CHAINS = (ChainRecipe("vehicle", "vehicle"), ChainRecipe("vehicle_expired", "vehicle", "expired"))


def pki_of(folder: Path) -> tester_pki.TesterPki:
    """The tester's PKI by a description that names the files of the sound chain in `folder`."""
    make_pki(Recipe(CHAINS, "P-256"), NOW).write(folder / "pki")
    named = {"chain": "pki/vehicle/chain.pem", "key": "pki/vehicle/key.pem", "roots": ["pki/roots/oem_root.pem"]}
    described = folder / "acme.yaml"
    described.write_text(yaml.safe_dump({**DEVICE, "certificates": {"v2g": named}}), encoding="utf-8")
    return tester_pki.TesterPki(load_description(described), NOW)


def test_a_flawed_chain_is_taken_from_beside_the_sound_one(tmp_path: Path) -> None:
    pki = pki_of(tmp_path)
    assert pki.evcc_profile(tester_pki.LAB).chain == (tmp_path / "pki/vehicle/chain.pem").read_bytes()
    assert (
        pki.evcc_profile(tester_pki.LAB, "vehicle_expired").chain
        == (tmp_path / "pki/vehicle_expired/chain.pem").read_bytes()
    )


def test_a_flawed_chain_that_nobody_made_blames_nobody_and_tells_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(Inconclusive, match="certs make flawed"):
        pki_of(tmp_path).evcc_profile(tester_pki.LAB, "vehicle_ca_leaf")
