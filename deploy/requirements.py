"""Print what pyproject.toml requires at run time, one requirement a line, so that it can be installed on its own."""

from __future__ import annotations

import tomllib
from pathlib import Path

if __name__ == "__main__":
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    print(*project["dependencies"], sep="\n")
