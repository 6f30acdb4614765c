"""Make ready what npm brings: pinned packages in .interop/node, which Node.js 18 or newer runs.

    python -m interop.setup_node

Doing it twice does nothing twice. Only the standard library is used.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from interop.setup_iso15118 import ROOT, SetupError

NODE = ROOT / ".interop" / "node"
# The findings in docs/interop.md speak of these versions.
PACKAGES = {"ocpp-rpc": "2.2.1"}
ADVICE = "Node.js 18 or newer with npm is needed; on Debian or Ubuntu: sudo apt-get install nodejs npm"


def why_missing() -> str:
    """Why nothing of npm can run here; empty when it can."""
    return "" if shutil.which("node") and shutil.which("npm") else ADVICE


def make_ready() -> Path:
    """The folder of the packages, unless a former run has filled it. Raises SetupError."""
    if why_missing():
        raise SetupError(why_missing())
    stamp = NODE / ".installed"
    wanted = json.dumps(PACKAGES, sort_keys=True)
    if stamp.exists() and stamp.read_text() == wanted:
        return NODE
    NODE.mkdir(parents=True, exist_ok=True)
    (NODE / "package.json").write_text(json.dumps({"private": True, "dependencies": PACKAGES}))
    print(f"Installing {', '.join(f'{name} {version}' for name, version in PACKAGES.items())}", file=sys.stderr)
    done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent"], cwd=NODE, check=False)
    if done.returncode != 0:
        raise SetupError("npm could not install the packages; is the registry reachable?")
    stamp.write_text(wanted)
    return NODE


if __name__ == "__main__":
    try:
        print(make_ready())
    except SetupError as missing:
        sys.exit(str(missing))
