"""The dashboards keep the rules of Grafana's dashboard-linter, fit the types of Grafana's own schema, and are what their
source gives."""

import json
import re
import runpy
import sys

import jsonschema
import pytest
import yaml

from support import grafana
from support.project import PROJECT

SCHEMAS = PROJECT / "tests/third_party/grafana-schema"
# What the data source adds to an annotation, which the schema of dashboards does not know.
OF_DATA_SOURCE = {"target", "titleFormat", "textFormat", "tagKeys", "useValueForTime"}
SOURCE = grafana.FOLDER / "source"
VALID_UNITS = {"none", "percentunit", "locale", "s", "m", "bytes", "cps"}  # those of the linter's list that are of use here
LABELS = {"alertname", "severity", "instance", "netns", "peer", "listener", "job", "state", "reason", "le", "version",
          "revision", "source", "about", "setting", "peer_group"}
FUNCTIONS = {"min", "max", "sum", "count", "bottomk", "topk", "by", "on", "without", "and", "or", "unless", "bool", "vector",
             "clamp_max", "rate", "min_over_time", "last_over_time", "end", "time", "histogram_quantile", "label_join"}


# --- What a query is made of

def selectors(query):
    """[(metric, what is between braces, the function that takes it as a range)]"""
    found = re.findall(r"(?:(\w+)\()?\(?\b([A-Za-z_:][\w:]*)\{([^}]*)\}(\[[^\]]*\])?", query)
    return [(metric, matchers, function if interval else "") for function, metric, matchers, interval in found]


def bare_words(query):
    """Names that are neither a selector nor in one, or in a string."""
    rest = re.sub(r'"[^"]*"|\[[^\]]*\]', "", re.sub(r"\b[A-Za-z_:][\w:]*\{[^}]*\}", "", query))
    return set(re.findall(r"[A-Za-z_:][\w:]*", rest))


# --- The rules of the linter, but for the two about Loki; each gives the offences

def template_datasource_rule(dashboard):
    sources = [each for each in dashboard["templating"]["list"] if each["type"] == "datasource"]
    if [(each["name"], each["label"], each["query"]) for each in sources] != [("datasource", "Data source", "prometheus")]:
        yield sources


def required_variable(name):
    def rule(dashboard):
        each = grafana.variables(dashboard).get(name)
        kept = each and (each["label"], each["datasource"]["uid"], each["multi"], each["allValue"]) == (
            name.title(), "${datasource}", True, ".+")
        if not kept:
            yield each
    return rule


def template_label_promql_rule(dashboard):
    for each in grafana.variables(dashboard).values():
        query = re.fullmatch(r"label_values\((.+), (\w+)\)", each["query"])
        if not query or bare_words(query[1]) - {re.sub(r"\{.*", "", query[1])} or query[2] not in LABELS:
            yield each["query"]


def template_on_time_change_reload_rule(dashboard):
    yield from (name for name, each in grafana.variables(dashboard).items() if each["refresh"] != 2)


def panel_datasource_rule(dashboard):
    asked = [(panel["title"], each["datasource"]) for panel in grafana.panels(dashboard)
             for each in (panel, *panel["targets"])]
    asked += [(each["name"], each["datasource"]) for each in dashboard["annotations"]["list"]]
    yield from (each for each in asked if each[1] != {"type": "prometheus", "uid": "${datasource}"})


def panel_title_description_rule(dashboard):
    yield from (panel for panel in grafana.panels(dashboard) if not (panel["title"] and panel["description"]))


def panel_units_rule(dashboard):
    for panel in grafana.panels(dashboard):
        units = [panel["fieldConfig"]["defaults"].get("unit")]
        units += [each["value"] for override in panel["fieldConfig"]["overrides"] for each in override["properties"]
                  if each["id"] == "unit"]
        yield from ((panel["title"], unit) for unit in units if unit not in VALID_UNITS)


def panel_no_targets_rule(dashboard):
    yield from (panel["title"] for panel in grafana.panels(dashboard) if not panel["targets"])


def target_promql_rule(dashboard):
    """That Prometheus parses them is test_grafana_queries.py's; here, that no selector hides among the words."""
    for panel, target in grafana.targets(dashboard):
        unknown = bare_words(target["expr"]) - LABELS - FUNCTIONS
        if unknown or not selectors(target["expr"]):
            yield panel["title"], unknown


def target_rate_interval_rule(dashboard):
    for panel, target in grafana.targets(dashboard):
        for function, interval in re.findall(r"\b(rate|irate|increase)\([^][]*\[([^\]]*)\]", target["expr"]):
            if interval != "$__rate_interval":
                yield panel["title"], function, interval


def required_matcher(name):
    def rule(dashboard):
        for panel, target in grafana.targets(dashboard):
            for metric, matchers, _ in selectors(target["expr"]):
                if f'{name}=~"${name}"' not in matchers.split(", "):
                    yield panel["title"], metric
    return rule


def target_counter_agg_rule(dashboard):
    for panel, target in grafana.targets(dashboard):
        for metric, _, function in selectors(target["expr"]):
            if metric.endswith("_total") and function not in {"rate", "irate", "increase"}:
                yield panel["title"], metric


def uneditable_dashboard_rule(dashboard):
    if dashboard["editable"]:
        yield "editable"


RULES = {
    "template-datasource-rule": template_datasource_rule,
    "template-job-rule": required_variable("job"),
    "template-instance-rule": required_variable("instance"),
    "template-label-promql-rule": template_label_promql_rule,
    "template-on-time-change-reload-rule": template_on_time_change_reload_rule,
    "panel-datasource-rule": panel_datasource_rule,
    "panel-title-description-rule": panel_title_description_rule,
    "panel-units-rule": panel_units_rule,
    "panel-no-targets-rule": panel_no_targets_rule,
    "target-promql-rule": target_promql_rule,
    "target-rate-interval-rule": target_rate_interval_rule,
    "target-job-rule": required_matcher("job"),
    "target-instance-rule": required_matcher("instance"),
    "target-counter-agg-rule": target_counter_agg_rule,
    "uneditable-dashboard-rule": uneditable_dashboard_rule,
}


@pytest.fixture(params=grafana.DASHBOARDS, ids=lambda file: file.stem)
def dashboard(request):
    return grafana.read(request.param)


def excluded(title):
    exclusions = yaml.safe_load((grafana.FOLDER / "dashboards/.lint").read_text())["exclusions"]
    assert all(each["reason"] for each in exclusions.values())
    return {rule for rule, each in exclusions.items() if {"dashboard": title} in each["entries"]}


def test_the_rules_of_the_linter_are_kept(dashboard):
    offences = {name: found for name, rule in RULES.items() if (found := list(rule(dashboard)))}
    assert offences.keys() == excluded(dashboard["title"]), offences


def misfits(schema, value, definition=None):
    document = json.loads((SCHEMAS / f"{schema}.schema.json").read_text(encoding="utf-8"))
    if definition:
        document = {**document, "$ref": f"#/definitions/{definition}"}
    problems = jsonschema.Draft7Validator(document).iter_errors(value)
    return [f"{schema} {problem.json_path}: {problem.message}" for problem in problems]


def test_it_fits_the_types_of_grafanas_schema(dashboard):
    annotations = [{key: value for key, value in each.items() if key not in OF_DATA_SOURCE}
                   for each in dashboard["annotations"]["list"]]
    assert misfits("dashboard", {**dashboard, "annotations": {"list": annotations}}) == []


def fields_of(panel):
    """The configuration of each field that has one of its own, with that of all."""
    defaults = panel["fieldConfig"]["defaults"]
    for override in panel["fieldConfig"]["overrides"]:
        own = {each["id"]: each["value"] for each in override["properties"]}
        custom = {key.removeprefix("custom."): value for key, value in own.items() if key.startswith("custom.")}
        standard = {key: value for key, value in own.items() if not key.startswith("custom.")}
        yield {**defaults, **standard, "custom": {**defaults.get("custom", {}), **custom}}


def test_panels_fit_the_types_of_their_kind(dashboard):
    for panel in grafana.panels(dashboard):
        problems = misfits(f"{panel['type']}.options", panel["options"])
        for field in [panel["fieldConfig"]["defaults"], *fields_of(panel)]:
            problems += misfits("dashboard", field, "FieldConfig")
            problems += misfits(f"{panel['type']}.custom", field["custom"]) if "custom" in field else []
        assert problems == [], panel["title"]


def test_panels_stand_beside_each_other_without_gap_or_overlap(dashboard):
    taken = {}
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert (x, y) not in taken, f"{panel['title']} lies over {taken[x, y]}"
                taken[x, y] = panel["title"]
    assert max(x for x, _ in taken) == 23
    rows = {y for _, y in taken}
    assert rows == set(range(max(rows) + 1))


def test_ids_and_titles_are_told_apart(dashboard):
    everything = [*grafana.panels(dashboard), *(each for each in dashboard["panels"] if each["type"] == "row")]
    for key in ("id", "title"):
        assert len({panel[key] for panel in everything}) == len(everything)
    assert all(row["title"].endswith("?") for row in dashboard["panels"] if row["type"] == "row")


def test_what_is_checked_in_is_what_the_source_gives(monkeypatch):
    monkeypatch.syspath_prepend(SOURCE)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    written = runpy.run_path(str(SOURCE / "write.py"))["files"]()
    old = [path for path, content in written.items() if (grafana.FOLDER / path).read_text(encoding="utf-8") != content]
    assert old == [], "run ./dev dashboards"
