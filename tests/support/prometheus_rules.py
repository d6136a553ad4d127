"""The rules for Prometheus that ship, as files and as what is in them."""

import yaml

from support.project import PROJECT

FOLDER = PROJECT / "deploy/prometheus/rules"
FILES = sorted(FOLDER.glob("*.yml"))


def rules(*files):
    """All rules of these files, or of all: dictionaries as Prometheus reads them."""
    return [rule for file in files or FILES
            for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]


def alerts():
    """{name: rule}"""
    found = [rule for rule in rules() if "alert" in rule]
    by_name = {rule["alert"]: rule for rule in found}
    assert len(by_name) == len(found), "two alerts have one name"
    return by_name
