"""Print what pyproject.toml requires at run time, one requirement a line, so that it can be installed on its own.

Arguments name extras, such as `cluster`, whose requirements follow.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

if __name__ == "__main__":
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [one for name in sys.argv[1:] for one in project["optional-dependencies"][name]]
    print(*project["dependencies"], *extras, sep="\n")
