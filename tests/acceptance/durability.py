"""Records the order of write, fsync and rename with strace: nothing may be reported before it is durable.

    python -m tests.acceptance.durability

A kill keeps the page cache, a power cut does not. Each command runs under strace (Linux). When it prints that something
is done, every log of a database that it has written to must have been flushed, and every file that it has renamed must
have been flushed before, and its folder after. Prints the number of reports and renames checked; exit status 1 if one
came too early.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.acceptance.crash_trial import unpack_old
from tests.conftest import ROOT
from tests.processes import environment

_CALL: Final = re.compile(r"(?:write|pwrite64|fsync|fdatasync)\((\d+)<([^>]*)>(.*)")
_RENAME: Final = re.compile(r'rename\w*\((?:\w+<[^>]*>, )?"([^"]*)", (?:\w+<[^>]*>, )?"([^"]*)"')
_TRACED: Final = "write,pwrite64,fsync,fdatasync,rename,renameat,renameat2"
_SETTINGS: Final = (
    "import sys; from pathlib import Path; from storage.database import Database; "
    "from storage.models import ServerSettings; base = Database(Path(sys.argv[1])); "
    "base.server_settings.change(42, lambda _: ServerSettings(plain=True)); print('Changed', flush=True)"
)


@dataclass(slots=True)
class Findings:
    """What was seen: reports, renames, and those that came too early."""

    reports: int = 0
    renames: int = 0
    early: list[str] = field(default_factory=list)


def examine(log: str, data: Path, found: Findings) -> None:
    """Read what strace has recorded of one process."""
    unflushed: set[str] = set()  # files written to, and folders with a new name in them
    for line in log.splitlines():
        if renamed := _RENAME.search(line):
            old, new = renamed.groups()
            found.renames += 1
            if old in unflushed:
                found.early.append(f"{new} was renamed before it was flushed")
            unflushed |= {str(Path(new).parent)} if not _is_cache(new) else set()
        elif call := _CALL.search(line):
            descriptor, path, rest = call.groups()
            if "sync(" in line:
                unflushed.discard(path)
            elif descriptor == "1" and rest.startswith(', "'):
                found.reports += 1
                found.early += [f"{rest[3:40]} was printed before {one} was flushed" for one in sorted(unflushed)]
            elif path.startswith(str(data)) and not _is_cache(path) and not path.endswith((".db", "-shm")):
                unflushed.add(path)  # a database file itself may wait: what is not flushed is still in its log


def _is_cache(path: str) -> bool:
    name = Path(path).name
    return name.startswith(("lexical.db", "vectors-")) or name.endswith(".lock")


def run(folder: Path) -> Findings:
    """Run every kind of change in a new data folder and return what was found."""
    data, found = folder / "data", Findings()
    source = folder / "a.txt"
    unpack_old(folder)
    program = [sys.executable, str(ROOT / "tests" / "small_bot.py"), "--data-dir", str(data)]
    old = [*program[:-1], str(folder / "old")]
    source.write_text("The ferry leaves at seven. Dogs travel free.")
    commands = [[*program, "add", str(source)], [*program, "rename", "1", "Boats"], [*program, "reindex"]]
    commands += [[*program, "remove", "1"], [*program, "restore", "3"], [*program, "export", str(data / "all.jsonl")]]
    commands += [[*program, "--library", "other", "import", str(data / "all.jsonl")], [*old, "articles"]]
    commands += [[sys.executable, "-c", _SETTINGS, str(data / "discord.db")]]
    for command in commands:
        log = folder / "strace.log"
        traced = ["strace", "-f", "-y", "-s", "40", "-e", f"trace={_TRACED}", "-o", str(log), *command]
        done = subprocess.run(traced, capture_output=True, text=True, cwd=ROOT, env=environment(), check=False)
        if done.returncode:
            raise RuntimeError(f"{command[3:]} failed: {done.stderr}")
        examine(_joined(log.read_text(errors="replace")), folder, found)
    return found


def _joined(log: str) -> str:
    """Leave out the beginnings of calls that strace had to interrupt, as they are not done yet; keep their ends.

    An end names no file, so a flush counts at its end, with the file of its beginning; a write counts at its beginning.
    """
    begun: dict[str, str] = {}
    lines = []
    for line in log.splitlines():
        thread = line.split(" ", 1)[0]
        if "<unfinished ...>" in line:
            begun[thread] = line
            lines += [] if "sync(" in line or "rename" in line else [line]
        elif " resumed>" in line:
            beginning = begun.pop(thread, "")
            lines += [beginning] if "sync(" in beginning or "rename" in beginning else []
        else:
            lines.append(line)
    return "\n".join(lines)


def main() -> int:
    """Run all commands and print what was found."""
    if shutil.which("strace") is None:
        print("strace is not installed.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        found = run(Path(folder))
    print(f"{found.reports} reports and {found.renames} renames checked, {len(found.early)} too early")
    print("\n".join(found.early))
    return 1 if found.early else 0


if __name__ == "__main__":
    sys.exit(main())
