"""The Kubernetes recipe, checked as far as it can be without a cluster."""

from __future__ import annotations

import subprocess
import sys

import kubernetes_validate
import pytest
import yaml

from tests.autograder.small_lab import ROOT

DOCUMENTS = list(yaml.safe_load_all((ROOT / "docs" / "kubernetes.yaml").read_text(encoding="utf-8")))
PODS = {item["metadata"]["name"]: item["spec"]["template"] for item in DOCUMENTS if item["kind"] == "Deployment"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda item: f"{item['kind']} {item['metadata']['name']}")
def test_it_has_kubernetes_shape(document):
    """The published schema, strictly: no unknown field."""
    kubernetes_validate.validate(document, "1.31", strict=True)


def test_a_wrong_field_would_be_found():
    """The check can fail."""
    wrong = {**DOCUMENTS[0], "spec": {**DOCUMENTS[0]["spec"], "port": 8786}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, "1.31", strict=True)


@pytest.mark.parametrize("name", PODS)
def test_its_commands_are_dasks(name):
    """Every option is one that this version of Dask has."""
    (container,) = PODS[name]["spec"]["containers"]
    program, command, *arguments = container["command"]
    assert program == "dask"
    done = subprocess.run(
        [sys.executable, "-m", "dask", command, "--help"], capture_output=True, text=True, check=True
    )
    assert [word for word in arguments if word.startswith("--") and word not in done.stdout] == []


def test_labels_and_address_agree():
    """The service finds the scheduler, each deployment its pods, and the workers the service."""
    service = DOCUMENTS[0]
    assert service["spec"]["selector"].items() <= PODS["autograder-scheduler"]["metadata"]["labels"].items()
    for item in DOCUMENTS[1:]:
        assert item["spec"]["selector"]["matchLabels"] == item["spec"]["template"]["metadata"]["labels"]
    address = f"tcp://{service['metadata']['name']}:{service['spec']['ports'][0]['port']}"
    assert address in PODS["autograder-worker"]["spec"]["containers"][0]["command"]
