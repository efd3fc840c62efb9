"""Runs `bot.py` in processes that begin with heavy packages imported: a fork takes milliseconds, torch seconds.

Each line of standard input is a request as JSON, answered by a line with the exit status. Nothing of this project is
imported before the fork, so what runs afterwards is what a new interpreter would run.
"""

from __future__ import annotations

import atexit
import gc
import io
import json
import os
import runpy
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import Any, NoReturn

_BOT = Path(__file__).resolve().parent.parent / "bot.py"
_PATIENCE = 300  # seconds after which a command is taken to hang
_STREAMS = (("stdin", os.O_RDONLY), ("stdout", os.O_WRONLY), ("stderr", os.O_WRONLY))


def main() -> None:
    """Serve until standard input ends."""
    import faiss  # noqa: F401
    import numpy as np  # noqa: F401
    import pydantic_settings  # noqa: F401
    import rich.console  # noqa: F401
    import sentence_transformers  # noqa: F401
    import sqlalchemy.dialects.sqlite  # noqa: F401
    import tqdm  # noqa: F401

    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _become(json.loads(line))
            _leave(_run())
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _run() -> int:
    """Run the program and return its exit status."""
    try:
        runpy.run_path(str(_BOT), run_name="__main__")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - the interpreter would print it and end with 1
        traceback.print_exc()
        return 1
    return 0


def _leave(status: int) -> NoReturn:
    """End as the interpreter does, without taking apart what was imported before the fork."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _become(request: dict[str, Any]) -> None:
    """Take on the arguments, environment, folder and streams of a request, as a new process would."""
    signal.alarm(_PATIENCE)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    for number, (name, mode) in enumerate(_STREAMS):
        opened = os.open(request[name], mode)
        os.dup2(opened, number)
        os.close(opened)
        stream = io.FileIO(number, "rb" if number == 0 else "wb", closefd=False)
        buffer: io.BufferedIOBase = io.BufferedReader(stream) if number == 0 else io.BufferedWriter(stream)
        setattr(sys, name, io.TextIOWrapper(buffer, "utf-8", line_buffering=number == 2))
    sys.argv = [str(_BOT), *request["arguments"]]
    sys.path[0] = str(_BOT.parent)


if __name__ == "__main__":
    main()
