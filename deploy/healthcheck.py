"""Ask the running bot's `/healthz`; the exit status is 0 if it answers that all is well, else 1. For containers."""

from __future__ import annotations

import os
import sys
from http.client import HTTPConnection, HTTPException
from typing import Final

_SECONDS: Final = 8


def main() -> int:
    """Print what `/healthz` says and return the exit status. With METRICS_PORT=0 there is nothing to ask: 0."""
    port = int(os.environ.get("METRICS_PORT") or 9464)
    if port == 0:
        return 0
    try:
        connection = HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        print(answer.read(1000).decode(errors="replace").strip())
    except (OSError, HTTPException) as error:
        print(f"The bot does not answer on port {port}: {error}")
        return 1
    return 0 if answer.status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
