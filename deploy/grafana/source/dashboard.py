"""What every dashboard has: variables, annotations, links."""

from panels import DATASOURCE, arranged
from queries import URGENT, firing

UID = "timewait-exporter"
TAG = "timewait_exporter"
SCHEMA_VERSION = 42


def variable(name, label, query, all_value, description):
    return {"type": "query", "name": name, "label": label, "description": description, "datasource": DATASOURCE,
            "query": query, "refresh": 2, "sort": 1, "regex": "", "multi": True, "includeAll": True,
            "allValue": all_value, "current": {"selected": True, "text": ["All"], "value": ["$__all"]}, "options": [],
            "hide": 0, "skipUrlSync": False}


def data_source_variable():
    return {"type": "datasource", "name": "datasource", "label": "Data source", "query": "prometheus", "refresh": 1,
            "regex": "", "multi": False, "includeAll": False, "options": [], "hide": 0, "skipUrlSync": False}


def annotations():
    """Since when: from which moment each alert fired."""
    target = {"refId": "Anno", "expr": firing(URGENT), "interval": "15s", "datasource": DATASOURCE}
    return {"list": [{"name": "Alerts", "enable": True, "hide": False, "iconColor": "red", "datasource": DATASOURCE,
                      "target": target, "titleFormat": "{{alertname}}", "textFormat": "{{instance}} {{peer}}{{listener}}",
                      "tagKeys": "severity", "useValueForTime": False}]}


def links():
    return [{"type": "dashboards", "title": "Dashboards of timewait_exporter", "tags": [TAG], "asDropdown": True,
             "includeVars": True, "keepTime": True, "targetBlank": False, "icon": "external link", "tooltip": "", "url": ""}]


def document(uid, title, description, variables, rows, **others):
    """(dashboard, {alert: id of its panel})"""
    panels, panel_of_alert = arranged(rows)
    return {"id": None, "uid": uid, "title": title, "description": description, "tags": [TAG],
            "schemaVersion": SCHEMA_VERSION, "version": 1, "editable": False, "graphTooltip": 1, "timezone": "browser",
            "time": {"from": "now-1h", "to": "now"}, "timepicker": {}, "refresh": "30s", "fiscalYearStartMonth": 0,
            "liveNow": False, "weekStart": "", "links": links(), "annotations": {"list": []},
            "templating": {"list": variables}, "panels": panels, **others}, panel_of_alert
