"""The examples for several processes: every document is read, and what it names exists in the program."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from settings import Settings
from storage import store_urls
from terminal.arguments import parse
from terminal.settings_file import load
from tests.conftest import ROOT

FOLDER = ROOT / "deploy" / "cluster"
COMPOSE = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
DOCUMENTS = {
    path.name: [one for one in yaml.safe_load_all(path.read_text(encoding="utf-8")) if one is not None]
    for path in sorted((FOLDER / "kubernetes").glob("*.yaml"))
}
OBJECTS: dict[tuple[str, str], dict[str, Any]] = {
    (one["kind"], one["metadata"]["name"]): one
    for documents in DOCUMENTS.values()
    for one in documents
    if "metadata" in one
}
BOTS = {
    "compose": COMPOSE["services"]["bot"],
    "compose prepare": COMPOSE["services"]["prepare"],
}
PODS = {
    "bot": OBJECTS["StatefulSet", "verbatim"]["spec"]["template"]["spec"],
    "prepare": OBJECTS["Job", "verbatim-prepare-database"]["spec"]["template"]["spec"],
}
SETTINGS = {name.upper() for name in Settings.model_fields}
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def filled(text: str) -> str:
    """Return a value of the compose file with a word in the place of each variable."""
    return re.sub(r"\$\{\w+:\?\}", "word", text)


def of_pod(pod: str) -> dict[str, str]:
    """Return the settings that a pod's container gets."""
    (container,) = PODS[pod]["containers"]
    found: dict[str, str] = {}
    for source in container["envFrom"]:
        kind = "ConfigMap" if "configMapRef" in source else "Secret"
        named = OBJECTS[kind, next(iter(source.values()))["name"]]
        found |= named["data" if kind == "ConfigMap" else "stringData"]
    return found


@pytest.mark.parametrize("given", [*BOTS, *PODS])
def test_the_settings_are_those_of_the_program(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each name is a setting, the values can be used, and they name PostgreSQL with Milvus."""
    values = of_pod(given) if given in PODS else BOTS[given]["environment"]
    values = {name: filled(str(value)) for name, value in values.items()}
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    settings = load(ROOT / "no such file")
    stores = settings.stores()

    assert set(values) <= SETTINGS
    assert stores.database_url
    assert store_urls.role_of(stores.database_url) == "verbatim_bot"
    assert stores.vector_url
    assert stores.vector_token
    assert stores.vector_url.endswith(":19530")
    assert (settings.database_owner_url is not None) == ("prepare" in given)


def test_the_commands_exist() -> None:
    """What the containers run is understood by the program; the bots run without a command."""
    assert parse(COMPOSE["services"]["prepare"]["command"]).command == "prepare-database"
    assert parse(PODS["prepare"]["containers"][0]["args"]).command == "prepare-database"
    assert "command" not in COMPOSE["services"]["bot"]
    assert {"args", "command"}.isdisjoint(PODS["bot"]["containers"][0])


def test_services_wait_for_what_they_need() -> None:
    """The bots start when the database is prepared and Milvus is well; every service that is waited for can tell."""
    services = COMPOSE["services"]
    waits = {name: one.get("depends_on", {}) for name, one in services.items()}

    assert waits["bot"]["prepare"] == {"condition": "service_completed_successfully"}
    assert waits["prepare"] == {"postgres": {"condition": "service_healthy"}}
    for needed in waits.values():
        for name, how in needed.items():
            assert name in services
            assert how["condition"] != "service_healthy" or "healthcheck" in services[name]
    for hosts in (services["bot"]["environment"]["DATABASE_URL"], services["bot"]["environment"]["VECTOR_STORE"]):
        assert store_urls.shown(filled(hosts)).rpartition("@")[2].split("//")[-1].split(":")[0] in services
    assert set(re.findall(r"\$\{(\w+):", yaml.safe_dump(COMPOSE))) == set(
        re.findall(r"^(\w+)=", (FOLDER / "env.example").read_text(encoding="utf-8"), flags=re.MULTILINE)
    )


def test_two_processes_with_a_folder_each() -> None:
    """There are two bots, which share no data folder: a process locks its own."""
    bot = COMPOSE["services"]["bot"]
    (claim,) = OBJECTS["StatefulSet", "verbatim"]["spec"]["volumeClaimTemplates"]
    home = re.search(r"^VOLUME (\S+)$", DOCKERFILE, flags=re.MULTILINE)
    assert home
    mounts = {one["name"]: one["mountPath"] for one in PODS["bot"]["containers"][0]["volumeMounts"]}

    assert bot["deploy"]["replicas"] == OBJECTS["StatefulSet", "verbatim"]["spec"]["replicas"] == 2
    assert [one.partition(":")[2] for one in bot["volumes"]] == [f"{home[1]}/backups"]
    assert mounts[claim["metadata"]["name"]] == home[1]


@pytest.mark.parametrize("given", [*BOTS, *PODS])
def test_containers_may_write_little(given: str) -> None:
    """No root, no rights, a file system that cannot be written, and the image with the clients of databases."""
    if given in BOTS:
        one = BOTS[given]
        assert (one["read_only"], one["cap_drop"]) == (True, ["ALL"])
        assert one["security_opt"] == ["no-new-privileges:true"]
        assert one["build"]["args"] == {"EXTRAS": "cluster"}
        return
    pod, (container,) = PODS[given]["securityContext"], PODS[given]["containers"]
    user = re.search(r"^USER (\d+):(\d+)$", DOCKERFILE, flags=re.MULTILINE)
    assert user

    assert pod["runAsNonRoot"] is True
    assert (str(pod["runAsUser"]), str(pod["runAsGroup"])) == user.groups()
    assert pod["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "readOnlyRootFilesystem": True, "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert PODS[given]["automountServiceAccountToken"] is False


def test_probes_and_ports_are_those_of_the_program() -> None:
    """Kubernetes asks paths that the bot serves, on the port of its settings; only liveness restarts it."""
    (container,) = PODS["bot"]["containers"]
    served = set(re.findall(r'web\.get\("(/\w+)"', (ROOT / "cogs/monitoring/server.py").read_text(encoding="utf-8")))
    probes = {name: container[name]["httpGet"] for name in container if name.endswith("Probe")}
    ports = {one["name"]: str(one["containerPort"]) for one in container["ports"]}
    (policy,) = OBJECTS["NetworkPolicy", "verbatim"]["spec"]["ingress"]
    (service,) = OBJECTS["Service", "verbatim"]["spec"]["ports"]

    assert {name: one["path"] for name, one in probes.items()} == {
        "startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/healthz",
    }  # fmt: skip
    assert {one["path"] for one in probes.values()} <= served
    assert {ports[one["port"]] for one in probes.values()} == {of_pod("bot")["METRICS_PORT"]}
    assert {str(policy["ports"][0]["port"]), str(service["port"]), ports[service["targetPort"]]} == set(ports.values())


def test_objects_find_each_other() -> None:
    """Selectors match the labels of pods, and the list of files is complete."""
    labels = OBJECTS["StatefulSet", "verbatim"]["spec"]["template"]["metadata"]["labels"]
    selectors = [
        OBJECTS["StatefulSet", "verbatim"]["spec"]["selector"]["matchLabels"],
        OBJECTS["Service", "verbatim"]["spec"]["selector"],
        OBJECTS["PodDisruptionBudget", "verbatim"]["spec"]["selector"]["matchLabels"],
        OBJECTS["NetworkPolicy", "verbatim"]["spec"]["podSelector"]["matchLabels"],
    ]
    (listed,) = DOCUMENTS["kustomization.yaml"]

    assert all(selector.items() <= labels.items() for selector in selectors)
    assert OBJECTS["StatefulSet", "verbatim"]["spec"]["serviceName"] == "verbatim"
    assert {*listed["resources"], "kustomization.yaml"} == set(DOCUMENTS)
    assert {one["image"] for pod in PODS.values() for one in pod["containers"]} == {listed["images"][0]["name"]}


def test_images_have_versions() -> None:
    """No image is one that changes under its name."""
    images = [one["image"] for one in COMPOSE["services"].values()]

    assert all(re.search(r":[\w.\-]+$", image) and not image.endswith(":latest") for image in images)
    assert DOCUMENTS["kustomization.yaml"][0]["images"][0]["newTag"]
