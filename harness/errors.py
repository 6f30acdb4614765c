"""Every error the harness can raise, drawn once.

    HarnessError                 ours: a defect or a wrong use of the harness
    ├── UsageError               wrong arguments (exit code 3)
    ├── DescriptionError         the device description is wrong; names file, line and path (exit code 3)
    ├── BenchError               the bench broke: interface down, port taken, meter silent (exit code 4)
    ├── DeclarationError         a message declaration contradicts itself; raised at import
    └── CodecError               octets or values outside the declared grammar; names path and bit
    Nonconformity                the SUT broke a requirement (an AssertionError, so that pytest shows it as one)
    Inconclusive                 the purpose of a case was not reached; nobody is blamed
    └── NoConnection             no connection came about, and bench or credentials may be why

What the SUT does wrong is never raised where it is received: a Link turns a receiving `CodecError` into an observation,
and a check turns observations into findings. `Nonconformity` carries those findings to the runner.
"""

from __future__ import annotations

from typing import Any


class HarnessError(Exception):
    """A defect of the harness or a wrong use of it."""


class UsageError(HarnessError):
    """Wrong arguments on the command line; the message says which and what would be right."""


class DescriptionError(HarnessError):
    """A description file is wrong.

    `place` reads like ``acme.yaml:12 roles.secc.prot``; `remedy` says what to write instead.
    """

    def __init__(self, message: str, *, place: str = "", remedy: str = "") -> None:
        self.message, self.place, self.remedy = message, place, remedy
        super().__init__(": ".join(part for part in (place, message) if part) + (f" ({remedy})" if remedy else ""))


class BenchError(HarnessError):
    """The bench broke; what follows is not blamed on the SUT. The message names the place and the remedy."""


class DeclarationError(HarnessError):
    """A message declaration contradicts itself or the declaration language."""


class CodecError(HarnessError):
    """Octets or values that the declared grammar does not allow.

    `path` is the element path (``DC_ChargeLoopReq.Header.SessionID``), `bit` the offset from the first bit of the
    stream (None when encoding), `expected` what the grammar would have allowed there.
    """

    def __init__(self, message: str, *, path: str = "", bit: int | None = None, expected: str = "") -> None:
        self.message, self.path, self.bit, self.expected = message, path, bit, expected
        where = path or "(document)"
        at = "" if bit is None else f" @ bit {bit}"
        super().__init__(f"{where}{at}: {message}" + (f", expected {expected}" if expected else ""))


class Nonconformity(AssertionError):
    """The SUT broke a requirement; `findings` say which, where, and what was expected."""

    def __init__(self, message: str, findings: tuple[Any, ...] = ()) -> None:
        self.findings = findings
        super().__init__(message)


class Inconclusive(Exception):
    """The purpose of a case was not reached, for a reason that blames nobody."""


class NotTestable(Inconclusive):
    """The case builds on something optional that the SUT or its description does not have: nothing was shown, nobody is blamed."""


class TesterLate(Inconclusive):
    """The tester itself was too slow for the protocol, so that the SUT may have given up on it."""


class Unauthorised(Inconclusive):
    """The SECC waits for an authorisation that this bench cannot give."""


class NoConnection(Inconclusive):
    """No connection to the SUT came about, and it is not known that bench and credentials suit it."""


def exit_code_of(error: HarnessError) -> int:
    """What a command that ended with this error returns: 3 for wrong arguments or description, else 4."""
    return 3 if isinstance(error, (UsageError, DescriptionError)) else 4
