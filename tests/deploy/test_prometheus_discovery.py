"""A real Prometheus with the scrape configuration that ships finds the instances of an Elastic Beanstalk environment."""

import json
import subprocess

import pytest
import yaml

from support.ec2_api import ZONE, Ec2Api, Instance
from support.exporter import Daemon
from support.project import PROJECT
from support.prometheus import Prometheus, tool
from support.waiting import wait_for

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

FOLDER = PROJECT / "deploy/prometheus"
SCRAPED = [Instance("i-prod1", "10.0.0.1", "shop-prod-blue"), Instance("i-prod2", "10.0.0.2", "shop-prod-green")]
NOT_SCRAPED = [Instance("i-test", "10.0.0.3", "shop-test"), Instance("i-gone", "10.0.0.4", "shop-prod-blue", "stopped"),
               Instance("i-other", "10.0.0.5")]


@pytest.fixture
def addresses(fresh_network_namespace):
    for instance in SCRAPED + NOT_SCRAPED:
        subprocess.run(["ip", "address", "add", f"{instance.address}/32", "dev", "lo"], check=True)


@pytest.fixture
def job(monkeypatch):
    """job(api): what ships, but that it asks the stand-in, and soon again."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")

    def asking(api):
        (shipped,) = yaml.safe_load((FOLDER / "elasticbeanstalk.yml").read_text())["scrape_configs"]
        (discovery,) = shipped["ec2_sd_configs"]
        discovery |= {"endpoint": api.url, "refresh_interval": "1s"}
        return shipped

    return asking


def up(prometheus):
    """{(instance, eb_environment, availability_zone): value}"""
    return {tuple(labels.get(name) for name in ("instance", "eb_environment", "availability_zone")): value
            for labels, value in prometheus.query('up{job="timewait"}')}


def labels(instance):
    return (instance.name, instance.environment, ZONE)


def test_it_scrapes_the_running_instances_of_the_environments_and_no_others(tmp_path, addresses, job):
    with Ec2Api(SCRAPED + NOT_SCRAPED) as api, Daemon(listen="0.0.0.0:10048"), \
            Prometheus(tmp_path, **job(api)) as prometheus:
        wait_for(lambda: up(prometheus) == {labels(each): 1 for each in SCRAPED}, timeout=60)
        figures = {labels["instance"] for labels, _ in prometheus.query("timewait_ephemeral_ports")}
        assert figures == {each.name for each in SCRAPED}
        new = Instance("i-prod3", "10.0.0.3", "shop-prod-blue")
        api.instances = [SCRAPED[0], new]
        wait_for(lambda: up(prometheus) == {labels(each): 1 for each in (SCRAPED[0], new)}, timeout=60)


def test_it_does_with_one_right_and_asks_for_no_other_than_the_policy_gives(tmp_path, addresses, job):
    policy = json.loads((FOLDER / "iam-policy.json").read_text())
    granted = {action for statement in policy["Statement"] for action in statement["Action"]}
    with Ec2Api(SCRAPED, refused={"DescribeAvailabilityZones"}) as api, Daemon(listen="0.0.0.0:10048"), \
            Prometheus(tmp_path, **job(api)) as prometheus:
        wait_for(lambda: up(prometheus) == {labels(each): 1 for each in SCRAPED}, timeout=60)
        assert {f"ec2:{action}" for action in api.asked} == granted


def test_promtool_takes_the_file_as_it_ships():
    command = [tool("promtool"), "check", "config", "--lint=all", "--lint-fatal", FOLDER / "elasticbeanstalk.yml"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
