"""Take rights away from the parser process: network, files, other programs, memory.

A malformed file may exploit a fault of a parser library. Each step works where the system offers it; where it does
not, the step is left out and named in the result of `confine`.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
import sysconfig
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

MAX_MEMORY: Final = 2 << 30  # bytes of address space
_PACKAGE: Final = Path(__file__).resolve().parents[1]
_SYSTEM: Final = (  # read-only: shared libraries, and the fonts that PDFium substitutes for fonts that are not embedded
    "/lib /lib64 /usr/lib /usr/lib64 /usr/local/lib /nix/store /etc/ld.so.cache /usr/share/fonts /dev/null /dev/urandom"
).split()

# Landlock (Linux 5.13): https://docs.kernel.org/userspace-api/landlock.html
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture but Alpha
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_FILE_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 5: 16}  # how many file rights each version of the interface knows
_TCP: Final = 0b11  # bind and connect
_SCOPES: Final = 0b11  # abstract sockets and signals
_SET_NO_NEW_PRIVS, _SET_SECCOMP, _FILTER = 38, 22, 2  # of prctl(2)

# System calls that are refused, by architecture: for sockets, for programs, and for other processes. io_uring_setup
# is among them because its queues reach sockets and files without further system calls.
_ARCHITECTURES: Final = {
    "x86_64": (
        0xC000003E,
        "41 42 43 44 46 49 50 53 288 307 59 322 62 200 234 129 297 101 310 311 424 434 438 272 308 165 161 425",
    ),
    "aarch64": (
        0xC00000B7,
        "198 199 200 201 202 203 206 211 242 269 221 281 129 130 131 138 240 117 270 271 424 434 438 97 268 40 51 425",
    ),
}
_X32: Final = 0x40000000  # calls of another interface of x86-64, with numbers of their own, start here
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # instructions of a BPF program
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # of unshare(2)


def confine() -> dict[str, str]:
    """Take all rights away that parsers do not need.

    Return the steps by name, each with the reason why it is not available on this system ("" if it is in force).
    """
    steps = {"memory limit": limit_memory, "files": _restrict_files, "network": _refuse_network}
    return {"environment": "", **{name: _reason(step) for name, step in steps.items()}}


def _reason(step: Callable[[], None]) -> str:
    try:
        step()
    except (OSError, ValueError, ImportError, AttributeError, NotImplementedError) as error:
        return " ".join(str(error).split()) or type(error).__name__
    return ""


def limit_memory() -> None:
    """Limit the address space, and forbid core dumps and writing to files."""
    import resource  # not on Windows

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    allowed = resource.getrlimit(resource.RLIMIT_AS)[1]
    most = MAX_MEMORY if allowed == resource.RLIM_INFINITY else min(allowed, MAX_MEMORY)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))  # macOS refuses this


def _restrict_files() -> None:
    """Allow reading Python, the installed packages and system libraries, and nothing else, with Landlock."""
    libc = _linux()
    version = _call(libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1))
    count = _FILE_RIGHTS[max(known for known in _FILE_RIGHTS if known <= version)]
    fields = [(1 << count) - 1, _TCP if version >= 4 else 0, _SCOPES if version >= 6 else 0]
    attributes = struct.pack("=3Q", *fields)[: 24 if version >= 6 else 16 if version >= 4 else 8]
    ruleset = _call(libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0))
    for path in _readable():
        try:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue  # not on this system
        rights = _READ_FILE | _READ_DIR if path.is_dir() else _READ_FILE
        _call(libc.syscall(_ADD_RULE, ruleset, 1, struct.pack("=Qi", rights, place), 0))
        os.close(place)
    _call(libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _call(libc.syscall(_RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def _readable() -> Iterable[Path]:
    """Return the directories with code: not the working directory, which may hold the data folder and `.env`."""
    installed = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    installed |= {path for path in sys.path if Path(path).name in {"site-packages", "dist-packages", "lib-dynload"}}
    libraries = filter(None, os.environ.get("LD_LIBRARY_PATH", "").split(":"))
    return [_PACKAGE, Path(sys.base_prefix, "lib"), *map(Path, [*sorted(installed), *_SYSTEM, *libraries])]


def _refuse_network() -> None:
    """Refuse sockets, programs and access to other processes with seccomp, or take the network away by a namespace."""
    libc = _linux()
    try:
        architecture, numbers = _ARCHITECTURES[platform.machine()]
        code = _filter(architecture, [int(number) for number in numbers.split()])
        buffer = ctypes.create_string_buffer(code, len(code))
        program = struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer))
        _call(libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        _call(libc.prctl(_SET_SECCOMP, _FILTER, program, 0, 0))
    except (OSError, KeyError):
        if libc.unshare(_NEW_NETWORK):
            _call(libc.unshare(_NEW_USER | _NEW_NETWORK))


def _filter(architecture: int, refused: list[int]) -> bytes:
    """Return a BPF program (seccomp(2)) that refuses system calls with the error EPERM and allows the others."""
    count = len(refused)
    rows = [
        (_LOAD, 0, 0, 4),  # the architecture of the call
        (_JUMP_EQUAL, 0, count + 3, architecture),
        (_LOAD, 0, 0, 0),  # the number of the call
        (_JUMP_AT_LEAST, count + 1, 0, _X32),
        *((_JUMP_EQUAL, count - place, 0, number) for place, number in enumerate(refused)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("=HBBI", *row) for row in rows)


def _linux() -> ctypes.CDLL:
    """Return the C library. Raises `NotImplementedError` on other systems than Linux."""
    if not sys.platform.startswith("linux"):
        raise NotImplementedError(f"not available on {platform.system()}")
    return ctypes.CDLL(None, use_errno=True)


def _call(result: int) -> int:
    """Return the result of a system call. Raises `OSError` if it failed."""
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
