"""The pytest plugin: cases become tests, actors fixtures, verdicts outcomes. The only code that knows pytest.

It acts only on functions declared with `test_case`; any other test passes by untouched.
"""

from harness.plugin.fixtures import check, csms, evcc, grid, meter, secc, stage, station
from harness.plugin.hooks import (
    pytest_addoption,
    pytest_cmdline_main,
    pytest_collection_finish,
    pytest_collection_modifyitems,
    pytest_configure_node,
    pytest_deselected,
    pytest_make_collect_report,
    pytest_pyfunc_call,
    pytest_runtest_makereport,
    pytest_sessionfinish,
    pytest_testnodedown,
)

__all__ = [
    "check",
    "csms",
    "evcc",
    "grid",
    "meter",
    "pytest_addoption",
    "pytest_cmdline_main",
    "pytest_collection_finish",
    "pytest_collection_modifyitems",
    "pytest_configure_node",
    "pytest_deselected",
    "pytest_make_collect_report",
    "pytest_pyfunc_call",
    "pytest_runtest_makereport",
    "pytest_sessionfinish",
    "pytest_testnodedown",
    "secc",
    "stage",
    "station",
]
