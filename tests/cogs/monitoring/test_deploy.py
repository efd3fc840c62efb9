"""The dashboard, the alert rules and the page on both name metrics that the program exports."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import simcord
import yaml
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from cogs.monitoring.catalogue_counts import CatalogueCounts
from cogs.monitoring.collector import StateCollector
from cogs.monitoring.heartbeat import Heartbeat
from cogs.services import Resources
from observability.metrics import REGISTRY
from settings import Settings
from tests.cogs.visible_text import PUBLIC
from tests.conftest import ROOT

pytestmark = pytest.mark.simcord(approved_intents=PUBLIC)

_METRIC = re.compile(r"\b(?:verbatim|process|python)_\w+")
# Of the operating system: prometheus-client exports them on Linux alone.
_OF_SYSTEM = {"process_resident_memory_bytes", "process_start_time_seconds", "process_open_fds", "process_max_fds"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Return settings with scheduled backups, which have metrics of their own."""
    return settings.model_copy(update={"backup_folder": settings.data_dir / "backups"})


@pytest.fixture
async def exported(simcord_env: simcord.Env, resources: Resources) -> dict[str, set[str]]:
    """Return what a scrape contains: the names of samples, each with its labels."""
    collector = StateCollector(
        simcord_env.bot, resources, Heartbeat(simcord_env.bot, resources), CatalogueCounts(resources.store)
    )
    await collector.read_disk()
    REGISTRY.register(collector)
    text = generate_latest(REGISTRY).decode()
    REGISTRY.unregister(collector)
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        found.setdefault(family.name + ("_total" if family.type == "counter" else ""), set())
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def dashboard() -> dict[str, Any]:
    """Return the dashboard."""
    found: dict[str, Any] = json.loads((ROOT / "deploy" / "grafana-dashboard.json").read_text(encoding="utf-8"))
    return found


def rules() -> list[dict[str, Any]]:
    """Return the alert rules."""
    groups = yaml.safe_load((ROOT / "deploy" / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions() -> list[str]:
    """Return all queries of dashboard and rules."""
    panels = [target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]]
    return [*panels, *(rule["expr"] for rule in rules())]


async def test_queries_name_what_is_exported(exported: dict[str, set[str]]) -> None:
    """Each query names metrics that a scrape contains, under the names that Prometheus stores."""
    for query in expressions():
        named = set(_METRIC.findall(query))
        assert named or query.startswith("up{")
        assert named <= exported.keys() | _OF_SYSTEM, query


async def test_labels_are_exported(exported: dict[str, set[str]]) -> None:
    """Each label that a query groups or filters by belongs to one of its metrics, or is added by Prometheus."""
    for query in expressions():
        labels = {label for group in re.findall(r"\bby \(([^)]+)\)", query) for label in re.split(r", ?", group)}
        labels |= set(re.findall(r"[{,] ?(\w+)(?:=|!=|=~)\"", query))
        of_metrics = {label for name in _METRIC.findall(query) for label in exported.get(name, set())}
        if "task" in labels:
            of_metrics.add("task")  # no job has run yet
        assert labels <= of_metrics | {"instance", "job"}, query


def test_every_alert_says_what_to_do() -> None:
    """Each rule has a distinct name, a severity, a sentence on what is wrong and one on what to do."""
    names = [rule["alert"] for rule in rules()]

    assert len(set(names)) == len(names)
    for rule in rules():
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert all(rule["annotations"][name].endswith(".") for name in ("summary", "runbook"))


def test_panels_are_placed() -> None:
    """Panels have distinct ids and titles, and lie within the dashboard's 24 columns without overlapping."""
    panels = dashboard()["panels"]
    taken = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len({panel["id"] for panel in panels}) == len({panel["title"] for panel in panels}) == len(panels)
    assert len(set(taken)) == len(taken)
    assert max(x for x, _ in taken) == 23


async def test_the_page_explains_all_of_them(exported: dict[str, set[str]]) -> None:
    """docs/metrics.md has each metric of the program, each alert, and the sentence on what to do."""
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    parts = re.compile(r"_(?:bucket|count|sum)$")
    metrics = {parts.sub("", name) for name in exported if name.startswith("verbatim_")}

    assert set(re.findall(r"`(verbatim_\w+)`", page)) == metrics
    assert re.findall(r"^\| `(Verbatim\w+)` \| .+ \| (.+) \|$", page, re.MULTILINE) == [
        (rule["alert"], rule["annotations"]["runbook"]) for rule in rules()
    ]
