"""`make interop`: the whole suite against the foreign SECC, once without and once with TLS.

    python -m interop [ARGUMENTS of v2x-harness run]

A verdict, whichever it is, is a success here: what the findings mean is said in docs/interop.md. Anything else (wrong
description, broken bench) ends with that exit code.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from harness.errors import HarnessError
from interop.bench import device_file, run_against_foreign_secc
from interop.setup_iso15118 import SetupError

_LAST_VERDICT = 2  # 0 conformant, 1 nonconformity, 2 inconclusive


def main(arguments: Sequence[str]) -> int:
    for tls in (False, True):
        suite = [str(Path(sys.executable).with_name("v2x-harness")), "run", str(device_file(tls=tls)), *arguments]
        try:
            code = run_against_foreign_secc(suite, tls=tls)
        except (HarnessError, SetupError) as broken:
            print(broken, file=sys.stderr)
            return 4
        if code > _LAST_VERDICT:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
