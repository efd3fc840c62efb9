"""`make audit`: findings fail, and what could not be checked is not called sound."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import pytest

from deploy.audit import installed, report

VULNERABLE = {
    "name": "jinja2",
    "version": "3.1.2",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.1.3"]}, {"id": "PYSEC-2", "fix_versions": []}],
}
SOUND = {"name": "numpy", "version": "2.4.0", "vulns": []}
SKIPPED = {"name": "elsewhere", "skip_reason": "Dependency not found on PyPI"}


@pytest.mark.parametrize(
    ("packages", "status", "lines"),
    [
        ([SOUND], 0, ["1 packages checked, 0 known vulnerabilities."]),
        (
            [VULNERABLE, SOUND],
            1,
            [
                "jinja2 3.1.2: PYSEC-1, fixed in 3.1.3",
                "jinja2 3.1.2: PYSEC-2, fixed in no version yet",
                "2 packages checked, 2 known vulnerabilities.",
            ],
        ),
        (
            [SOUND, SKIPPED],
            0,
            [
                "Not checked, because PyPI does not have them: elsewhere",
                "1 packages checked, 0 known vulnerabilities.",
            ],
        ),
        ([SKIPPED], 0, ["Not checked: PyPI cannot be asked about vulnerabilities."]),
    ],
)
def test_findings_fail(
    packages: list[dict[str, Any]], status: int, lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each vulnerability is a line and the status is 1; packages that PyPI says nothing about are named."""
    assert report({"dependencies": packages, "fixes": []}) == status
    assert capsys.readouterr().out.splitlines() == lines


def test_local_versions_are_audited_as_those_of_pypi() -> None:
    """The CPU build of PyTorch is asked about by the version that PyPI knows."""
    assert f"torch=={version('torch').partition('+')[0]}" in installed()
