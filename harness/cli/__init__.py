"""The command line: one word chooses the command, each in a module of its own."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from harness.errors import HarnessError, exit_code_of
from harness.suggest import did_you_mean

COMMANDS = {
    "run": "test a device (without one: the embedded reference charger)",
    "list": "list cases and rules",
    "explain": "explain a case, rule, requirement or PICS item",
    "init": "write a device description by asking",
    "doctor": "check whether this bench can reach the device",
    "reference": "run a reference device as a process of its own",
    "exi": "encode and decode EXI",
    "certs": "make and check certificates",
    "report": "build and open reports",
}
"""Name to what it does; each is `harness.cli.<name>` with ``main(arguments) -> exit code``."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code. What is wrong with the input is said in words, never as a traceback."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0] in ("-h", "--help"):
        print(usage())
        return 0 if given else 3
    name = given[0]
    if name not in COMMANDS:
        print(f"v2x-harness: unknown command {name}: {did_you_mean(name, COMMANDS)}\n\n{usage()}", file=sys.stderr)
        return 3
    module = importlib.import_module(f"harness.cli.{'listing' if name == 'list' else name}")
    try:
        return int(module.main(given[1:]))
    except HarnessError as error:
        print(f"v2x-harness {name}: {error}", file=sys.stderr)
        return exit_code_of(error)
    except SystemExit as left:  # argparse says 2 for wrong arguments, which means "inconclusive" here
        return 3 if left.code == 2 else int(left.code or 0)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0


def usage() -> str:
    """What commands there are."""
    lines = [f"  {name:<10} {what}" for name, what in COMMANDS.items()]
    return "usage: v2x-harness COMMAND [...]\n\n" + "\n".join(lines) + "\n\nv2x-harness COMMAND --help says more."
