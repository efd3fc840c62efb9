"""Install the CPU build of PyTorch into the running environment, in the version that pyproject.toml pins.

On Linux, the build on PyPI requires several gigabytes of CUDA libraries, which Verbatim does not use. PyTorch's own
index of CPU builds is asked first. If it does not answer within three seconds, pip's own index is used, but nothing of
CUDA is installed from there. On other systems nothing is done, because PyPI has CPU builds for them.

The variable TORCH changes this: `TORCH=default` does nothing, so that pip brings the build that it prefers, and
`TORCH=ADDRESS` names another index to ask first.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

CPU_INDEX: Final = "https://download.pytorch.org/whl/cpu"
_PROJECT: Final = Path(__file__).resolve().parents[1] / "pyproject.toml"
_SECONDS: Final = 3
# What PyTorch's CUDA builds require. No version satisfies these constraints, so pip refuses such a build by its
# metadata, before it downloads anything.
_NO_CUDA: Final = tuple(
    f"{name}<0"
    for name in (
        "cuda-bindings cuda-toolkit nvidia-cublas nvidia-cublas-cu12 nvidia-cuda-runtime nvidia-cuda-runtime-cu12 "
        "nvidia-cudnn-cu12 nvidia-cudnn-cu13 nvidia-nccl-cu12 nvidia-nccl-cu13"
    ).split()
)


def main() -> int:
    """Return the exit status: 0 if PyTorch is installed, or left to pip; 1 if no CPU build could be installed."""
    index = os.environ.get("TORCH") or CPU_INDEX
    if index == "default" or not sys.platform.startswith("linux"):
        return 0
    pinned = pinned_version()
    if _installed() == pinned:
        return 0
    if _is_offered(pinned, index):
        if _pip("install", "--quiet", "--index-url", index, f"torch=={pinned}", environment=_alone()):
            return 0
        _say("PyTorch could not be downloaded completely. Run the same command again.")
        return 1
    _say(f"PyTorch's CPU builds at {index} cannot be reached; trying pip's own index ...")
    if _install_without_cuda(pinned):
        return 0
    _say("pip's own index has no CPU build of PyTorch. Try again later, or install the build with CUDA: TORCH=default")
    return 1


def pinned_version() -> str:
    """Return the version of PyTorch that pyproject.toml requires."""
    required = tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]["dependencies"]
    (pinned,) = (one.partition("==")[2] for one in required if one.startswith("torch=="))
    return str(pinned)


def _installed() -> str | None:
    try:
        return version("torch").partition("+")[0]  # "2.13.0+cpu"
    except PackageNotFoundError:
        return None


def _alone() -> dict[str, str]:
    """Return an environment in which pip asks the index that it is given, and no other that is configured."""
    others = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX")
    own = {name: value for name, value in os.environ.items() if name not in others}
    return own | {"PIP_CONFIG_FILE": os.devnull}


def _is_offered(pinned: str, index: str) -> bool:
    """Whether the CPU index answers at once and has a wheel of the version for this system.

    Only this question is asked without patience: on a slow line, a short time-out would break off the download.
    """
    asked = ("--index-url", index, "--retries", "0", "--timeout", str(_SECONDS))
    found = subprocess.run(  # noqa: S603 - the running interpreter's pip
        [sys.executable, "-m", "pip", "index", "versions", "torch", "--disable-pip-version-check", *asked],
        env=_alone(),
        capture_output=True,
        text=True,
        check=False,
    )
    offered = found.stdout.replace(",", " ").split() if found.returncode == 0 else []
    return pinned in {one.partition("+")[0] for one in offered}


def _install_without_cuda(pinned: str) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder, "no-cuda.txt")
        constraints.write_text("\n".join(_NO_CUDA), encoding="utf-8")
        return _pip("install", "--quiet", "--constraint", str(constraints), f"torch=={pinned}")


def _pip(*arguments: str, environment: dict[str, str] | None = None) -> bool:
    command = [sys.executable, "-m", "pip", *arguments, "--disable-pip-version-check"]
    return subprocess.run(command, env=environment, check=False).returncode == 0  # noqa: S603 - the interpreter's pip


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
