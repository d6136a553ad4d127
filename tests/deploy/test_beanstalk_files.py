"""The files of the Elastic Beanstalk bundles are what those who read them take."""

import json
import os
import subprocess

import jsonschema
import pytest
import yaml

from support import exporter
from support.beanstalk import BUNDLES
from support.project import PROJECT
from support.prometheus import tool

# What README.md says to copy together.
BUNDLES_MADE = {
    "java-se": ("common", "java", "java-se"), "tomcat": ("common", "java", "tomcat"),
    "compose-host": ("common", "compose", "compose-host"), "compose-sidecar": ("common", "compose", "compose-sidecar"),
}
COMPOSE = ("compose-host", "compose-sidecar")
COMPOSE_FILES = [*sorted(BUNDLES.rglob("docker-compose.yml")), PROJECT / "deploy/container/compose.yml"]
EXTENSIONS = sorted(BUNDLES.rglob(".ebextensions/*.config"))
SCRIPTS = sorted(BUNDLES.rglob("*.sh"))


def name(path):
    return str(path.relative_to(PROJECT / "deploy"))


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("script", [each for each in SCRIPTS if "hooks" in str(each.parent)], ids=name)
def test_hooks_may_be_executed(script):
    assert os.access(script, os.X_OK)


def test_the_extensions_have_no_key_for_which_elastic_beanstalk_passes_over_the_file():
    assert len(EXTENSIONS) == 2
    for file in EXTENSIONS:
        document = yaml.safe_load(file.read_text())
        assert set(document) <= {"Resources", "option_settings"}
    rule = yaml.safe_load((BUNDLES / "common/.ebextensions/timewait_exporter.config").read_text())["Resources"]
    ((_, ingress),) = rule.items()
    properties = ingress["Properties"]
    assert set(ingress) == {"Type", "Properties"} and ingress["Type"] == "AWS::EC2::SecurityGroupIngress"
    # A group as the source, and not an address: nobody but the scraper is let in.
    assert set(properties) == {"Description", "GroupId", "IpProtocol", "FromPort", "ToPort", "SourceSecurityGroupId"}
    assert properties["GroupId"] == {"Fn::GetAtt": ["AWSEBSecurityGroup", "GroupId"]}
    assert properties["FromPort"] == properties["ToPort"] == 10048


@pytest.mark.parametrize("bundle", BUNDLES_MADE)
def test_folders_that_are_copied_together_do_not_overwrite_each_other(bundle):
    files = [file.relative_to(BUNDLES / folder) for folder in BUNDLES_MADE[bundle]
             for file in (BUNDLES / folder).rglob("*") if file.is_file()]
    assert len(files) == len(set(files))
    readme = (BUNDLES / "README.md").read_text()
    assert "cp -rn " + " ".join(f"{folder}/." for folder in BUNDLES_MADE[bundle]) in readme


@pytest.mark.parametrize("file", sorted(BUNDLES.rglob("config.yml")), ids=name)
def test_the_exporter_takes_its_configuration(file):
    assert exporter.run("--config.check", f"--config.file={file}").returncode == 0


def services(bundle):
    return yaml.safe_load((BUNDLES / bundle / "docker-compose.yml").read_text())["services"]


@pytest.mark.parametrize("file", COMPOSE_FILES, ids=name)
def test_compose_files_are_of_the_specification(file):
    schema = PROJECT / "build/tools/compose_spec.json"
    assert schema.exists(), "run the tests through ./dev test, which fetches it"
    jsonschema.Draft201909Validator(json.loads(schema.read_text())).validate(yaml.safe_load(file.read_text()))


@pytest.mark.parametrize("bundle", COMPOSE)
def test_the_exporters_container_may_do_nothing_that_it_need_not(bundle):
    service = services(bundle)["timewait_exporter"]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"].split(":")[0].isdigit() and service["user"] != "0:0"
    assert {"mem_limit", "pids_limit", "restart"} <= set(service)
    assert not {"privileged", "cap_add", "ports", "pid"} & set(service)


def test_the_exporter_is_where_the_application_is():
    for bundle, network in (("compose-host", "host"), ("compose-sidecar", "service:namespace")):
        there = services(bundle)
        assert there["app"]["network_mode"] == there["timewait_exporter"]["network_mode"] == network
