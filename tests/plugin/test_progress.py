"""What the progress of a run says."""

from harness.device.description import load_description
from harness.plugin.progress import _between
from harness.resources import resource


def test_time_left_counts_what_passes_between_cases_of_a_real_device() -> None:
    real = load_description(resource("fixtures", "devices", "charger-sdp.yaml"))
    assert _between("secc", real) == real.pixit.secc.recovery_time
    assert _between("station", real) == real.pixit.station.reconnect_time
    assert _between("csms", real) == 0.0


def test_an_embedded_device_is_new_in_each_case() -> None:
    embedded = load_description(resource("fixtures", "devices", "reference-station-virtual.yaml"))
    assert _between("station", embedded) == 0.0
