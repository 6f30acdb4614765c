"""The charger's configuration file is strict and says where it is wrong."""

from __future__ import annotations

import pytest

from harness.actor.settings_secc import load_settings
from harness.errors import DescriptionError


def written(tmp_path, text):
    path = tmp_path / "charger.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_written_replaces_defaults_and_the_rest_stays(tmp_path):
    text = "evse_id: DE*X\nratings:\n  max_charge_power: 11000\noffer:\n  services: [2]\ntls:\n  enabled: false\n"
    settings = load_settings(written(tmp_path, text))

    assert (settings.evse_id, settings.ratings.max_charge_power, settings.offer.services) == ("DE*X", 11000.0, (2,))
    assert settings.tls.enabled is False and settings.ratings.max_voltage == 500.0


@pytest.mark.parametrize(
    ("text", "place", "remedy"),
    [
        ("ratings:\n  max_charge_pwr: 1\n", "charger.yaml:2 ratings.max_charge_pwr", "max_charge_power"),
        ("tls:\n  minimum: '1.1'\n", "charger.yaml:2 tls.minimum", "1.1"),
        ("offer:\n  services: many\n", "charger.yaml:2 offer.services", "many"),
        ("- 1\n", "charger.yaml:1", "evse_id"),
    ],
)
def test_an_error_names_its_place_and_what_to_do(tmp_path, text, place, remedy):
    with pytest.raises(DescriptionError) as wrong:
        load_settings(written(tmp_path, text))

    assert wrong.value.place.startswith(place)
    assert remedy in wrong.value.remedy


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(DescriptionError, match="cannot be read"):
        load_settings(tmp_path / "none.yaml")
