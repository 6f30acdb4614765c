"""Make the foreign SECC ready: the PyPI package `iso15118` in an environment of its own, and the Java it runs on.

    python -m interop.setup_iso15118

It pins old libraries (pydantic 1, cryptography 44), so it must not share our environment. Doing it twice does nothing
twice. Only the standard library is used.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".interop" / "venv"
PYTHON = VENV / "bin" / "python"
# The findings in docs/interop.md speak of this version; aiofile is used by it but not declared.
VERSION = "0.31.2"
REQUIREMENTS = (f"iso15118=={VERSION}", "aiofile>=3.9,<4")
_OLDEST_JAVA = 9  # the codec is started with --add-opens, which Java 8 does not know
_JAVA_PACKAGE = "default-jre-headless"


class SetupError(Exception):
    """Something is missing that we may not or cannot install; the text says what and how to get it."""


def make_ready() -> Path:
    """The Python of the foreign device, with everything it needs. Raises SetupError."""
    ensure_java()
    ensure_environment()
    return PYTHON


def ensure_java() -> None:
    """Find Java 9 or newer; as root on a Debian-like machine, install it when there is none."""
    if java_version() is None:
        _install_java()
    version = java_version()
    if version is None or version < _OLDEST_JAVA:
        found = "none" if version is None else f"version {version}"
        raise SetupError(f"Java {_OLDEST_JAVA} or newer must be on the PATH, found {found}. {_java_advice()}")
    _say(f"Java {version}: {shutil.which('java')}")


def java_version() -> int | None:
    """Major version of the Java on the PATH: 8 for "1.8.0_292", 17 for "17.0.9"; None without a working one."""
    java = shutil.which("java")
    if java is None:
        return None
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(?:1\.)?(\d+)', said.stderr + said.stdout)
    return int(found[1]) if said.returncode == 0 and found else None


def ensure_environment() -> None:
    """Create the environment and install the pinned packages, unless a former run has done so."""
    stamp = VENV / ".installed"
    wanted = "\n".join((sys.version.split()[0], *REQUIREMENTS))
    if stamp.exists() and stamp.read_text() == wanted and PYTHON.exists():
        _say(f"Environment is ready: {VENV}")
        return
    _say(f"Creating {VENV}")
    venv.create(VENV, with_pip=True, clear=True)
    _say(f"Installing {', '.join(REQUIREMENTS)}")
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *REQUIREMENTS]
    if subprocess.run(pip, check=False).returncode != 0:
        raise SetupError(f"pip could not install {', '.join(REQUIREMENTS)}; is the package index reachable?")
    stamp.write_text(wanted)


def _install_java() -> None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise SetupError(f"There is no Java on the PATH. {_java_advice()}")
    _say(f"No Java: installing {_JAVA_PACKAGE} with apt-get")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-qq", "--yes", "--no-install-recommends", _JAVA_PACKAGE]):
        if subprocess.run(["apt-get", *command], env=quiet, stdout=subprocess.DEVNULL, check=False).returncode != 0:
            raise SetupError(f"apt-get {command[0]} failed. {_java_advice()}")


def _java_advice() -> str:
    return f"On Debian or Ubuntu: sudo apt-get install {_JAVA_PACKAGE}."


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        print(make_ready())
    except SetupError as missing:
        sys.exit(f"The foreign device cannot be made ready: {missing}")
