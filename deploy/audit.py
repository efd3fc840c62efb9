"""Check the installed libraries for known vulnerabilities, with pip-audit in an environment of its own.

The exit status is 1 if there are any. It is 0 if there are none, and if PyPI, which knows them, cannot be asked; the
output then says "Not checked". `make audit` runs this; further arguments are passed on to pip-audit.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, Final

_PIP_AUDIT: Final = "pip-audit==2.10.1"


def main(arguments: list[str]) -> int:
    """Return the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        home, required, found = Path(folder, "env"), Path(folder, "requirements.txt"), Path(folder, "found.json")
        venv.create(home, with_pip=True)
        scripts = home / ("Scripts" if sys.platform == "win32" else "bin")
        problem = _run(scripts / "python", "-m", "pip", "install", "--quiet", _PIP_AUDIT)
        if problem is None:
            required.write_text("\n".join(installed()), encoding="utf-8")
            options = ("--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json")
            problem = _run(scripts / "pip-audit", *options, "-r", str(required), "-o", str(found), *arguments)
        if not found.is_file():  # a finding is an exit status of pip-audit as well
            print(f"Not checked: {problem}")
            return 0
        return report(json.loads(found.read_text(encoding="utf-8")))


def installed() -> list[str]:
    """Return the installed packages, each as `name==version` without a local part such as "+cpu", which PyPI lacks."""
    found = {one.name.lower(): one.version.partition("+")[0] for one in distributions() if one.name != "verbatim"}
    return [f"{name}=={version}" for name, version in sorted(found.items())]


def report(found: dict[str, Any]) -> int:
    """Print what pip-audit found, given as its JSON, and return the exit status."""
    packages = found["dependencies"]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if len(skipped) == len(packages):
        print("Not checked: PyPI cannot be asked about vulnerabilities.")
        return 0
    problems = [(package, one) for package in packages for one in package.get("vulns", ())]
    for package, one in problems:
        fixed = ", ".join(one["fix_versions"]) or "no version yet"
        print(f"{package['name']} {package['version']}: {one['id']}, fixed in {fixed}")
    if skipped:
        print(f"Not checked, because PyPI does not have them: {', '.join(skipped)}")
    print(f"{len(packages) - len(skipped)} packages checked, {len(problems)} known vulnerabilities.")
    return 1 if problems else 0


def _run(*command: str | Path) -> str | None:
    """Run a command; return the last line of its messages if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - programs installed above
    lines = done.stderr.strip().splitlines() or [f"{command[0]} failed"]
    return lines[-1] if done.returncode else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
