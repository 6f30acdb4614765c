"""The vectors of fixtures/vectors as test parameters."""

import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "fixtures" / "vectors"


def load(*names):
    """Every vector of the named files, as pytest parameters with speaking ids."""
    for name in names:
        for number, line in enumerate((FOLDER / f"{name}.jsonl").read_text().splitlines(), start=1):
            vector = json.loads(line)
            yield pytest.param(vector, id=f"{name}-{number}-{vector['schema']}-{vector['kind']}-{vector['root']}")
