"""Panels of a dashboard in Grafana's classic JSON, and where they stand."""

import string

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
GRID_WIDTH = 24
_GOOD, _NO_COLOUR = "green", "transparent"
_SEVERITY_COLOURS = {"critical": "red", "warning": "orange", "info": "yellow"}


# --- Queries

def over_time(expression, legend):
    return {"expr": expression, "legendFormat": legend, "instant": False, "range": True, "editorMode": "code"}


def at_the_end(expression):
    """The last values alone, as a table: a row for each series."""
    return {"expr": expression, "format": "table", "instant": True, "range": False, "editorMode": "code"}


def _targets(queries):
    return [{"refId": letter, "datasource": DATASOURCE, **query}
            for letter, query in zip(string.ascii_uppercase, queries, strict=False)]


# --- Colours

def steps(base, *more):
    """`more`: (value, colour) from where on another colour holds, ascending."""
    return {"mode": "absolute", "steps": [{"color": colour, "value": value} for value, colour in ((None, base), *more)]}


def limits(*alerts, good=_GOOD):
    """Coloured as alerts on one figure are severe: an alerting.Limit each, the least severe first."""
    colours = [_SEVERITY_COLOURS[alert.severity] for alert in alerts]
    if alerts[0].is_upper:
        return steps(good, *((alert.value, colour) for alert, colour in zip(alerts, colours, strict=True)))
    bounds = [alert.value for alert in reversed(alerts)]
    return steps(colours[-1], *zip(bounds, [*reversed(colours[:-1]), good], strict=True))


ANY_IS_BAD = steps(_GOOD, (1, "red"))


# --- Values as words

def words(**texts):
    """A mapping of values to texts; `_0="never"`."""
    return {"type": "value", "options": {value.lstrip("_"): {"text": text, "index": index}
                                         for index, (value, text) in enumerate(texts.items())}}


# --- Panels: without place and id, which a dashboard gives

def _panel(kind, title, description, unit, queries, *, width, height=7, defaults=None, overrides=(), options=None,
           transformations=(), alerts=()):
    """`alerts`: names of those that are about what it shows; they do not become part of the panel."""
    panel = {"type": kind, "title": title, "description": description, "datasource": DATASOURCE,
             "gridPos": {"w": width, "h": height},
             "fieldConfig": {"defaults": {"unit": unit, "thresholds": steps(_GOOD), "mappings": [], **(defaults or {})},
                             "overrides": list(overrides)},
             "options": options or {}, "targets": _targets(queries)}
    if transformations:
        panel["transformations"] = list(transformations)
    return panel, tuple(alerts)


def stat(title, description, unit, query, *, thresholds, no_value, mappings=(), decimals=None):
    defaults = {"thresholds": thresholds, "noValue": no_value, "mappings": list(mappings),
                "color": {"mode": "thresholds"}}
    if decimals is not None:
        defaults["decimals"] = decimals
    return _panel("stat", title, description, unit, [query], width=4, height=5, defaults=defaults,
                  options={"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
                           "colorMode": "background", "graphMode": "area", "justifyMode": "auto",
                           "orientation": "auto", "textMode": "auto", "wideLayout": True, "showPercentChange": False,
                           "percentChangeColorMode": "standard"})


def timeseries(title, description, unit, *queries, marked=(), stacked=False, soft_max=None, dashed=(), width=8, alerts=()):
    """`marked`: limits, a line each. `soft_max`: the axis goes that far at least. `dashed`: legends of series that are no
    measurement but a bound."""
    custom = {"drawStyle": "line", "lineInterpolation": "linear", "lineWidth": 1 if stacked else 2,
              "fillOpacity": 35 if stacked else 0, "showPoints": "never", "spanNulls": False, "axisSoftMin": 0,
              "stacking": {"mode": "normal" if stacked else "none", "group": "A"},
              "thresholdsStyle": {"mode": "dashed" if marked else "off"}}
    if soft_max is not None:
        custom["axisSoftMax"] = soft_max
    defaults = {"custom": custom, "color": {"mode": "palette-classic"}, "min": 0}
    if marked:
        # Without a colour for what is good, a line has that of its bad side, below it or above; with one, that of above.
        defaults["thresholds"] = limits(*marked, good=_NO_COLOUR)
    overrides = [_override(legend, {"custom.lineStyle": {"fill": "dash", "dash": [8, 6]},
                                    "color": {"mode": "fixed", "fixedColor": "text"}}) for legend in dashed]
    return _panel("timeseries", title, description, unit, queries, width=width, defaults=defaults, overrides=overrides,
                  alerts=alerts,
                  options={"legend": {"showLegend": True, "displayMode": "list", "placement": "bottom", "calcs": []},
                           "tooltip": {"mode": "multi", "sort": "desc"}})


def table(title, description, unit, columns, queries=(), *, sort_by, no_value="-", width=24, height=8, alerts=()):
    """`columns`: a Column each, in order. Their queries, and `queries` besides, are joined by the labels in common."""
    asked = [*(column.query for column in columns if column.query), *queries]
    values = ["Value"] if len(asked) == 1 else [f"Value #{letter}" for letter in string.ascii_uppercase[:len(asked)]]
    unused = iter(values)
    sources = {column.name: next(unused) if column.query else column.label for column in columns}
    organized = {"excludeByName": dict.fromkeys(["Time", *unused], True),
                 "indexByName": {source: index for index, source in enumerate(sources.values())},
                 "renameByName": {source: name for name, source in sources.items()}}
    return _panel("table", title, description, unit, asked, width=width, height=height, alerts=alerts,
                  defaults={"noValue": no_value, "color": {"mode": "thresholds"},
                            "custom": {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False,
                                       "minWidth": 80}},
                  overrides=[_override(column.name, column.properties) for column in columns if column.properties],
                  options={"showHeader": True, "cellHeight": "sm", "frameIndex": 0},
                  transformations=[{"id": "merge", "options": {}}, {"id": "organize", "options": organized},
                                   {"id": "sortBy", "options": {"fields": {}, "sort": [{"field": sort_by}]}}])


class Column:
    """Of a table. `source`: a label, or the value of `query`. `properties`: of the field's configuration."""

    def __init__(self, name, source, **properties):
        self.name = name
        self.query = source if isinstance(source, dict) else None
        self.label = None if self.query else source
        self.properties = {key.replace("__", "."): value for key, value in properties.items()}


def _override(name, properties):
    return {"matcher": {"id": "byName", "options": name},
            "properties": [{"id": key, "value": value} for key, value in properties.items()]}


# --- Rows

def row(title, *panels, collapsed=False):
    return {"type": "row", "title": title, "collapsed": collapsed}, panels


def arranged(rows):
    """([panel], {alert: id of the panel about it}): what the rows hold, with places and ids."""
    laid_out, panel_of_alert, number, top = [], {}, 0, 0
    for header, panels in rows:
        number += 1
        header = {**header, "id": number, "gridPos": {"x": 0, "y": top, "w": GRID_WIDTH, "h": 1}, "panels": []}
        laid_out.append(header)
        inside = header["panels"] if header["collapsed"] else laid_out
        left, top, height = 0, top + 1, 0
        for panel, alerts in panels:
            number += 1
            width = panel["gridPos"]["w"]
            if left + width > GRID_WIDTH:
                left, top, height = 0, top + height, 0
            inside.append({"id": number, **panel, "gridPos": {"x": left, "y": top, **panel["gridPos"]}})
            panel_of_alert.update(dict.fromkeys(alerts, number))
            left, height = left + width, max(height, panel["gridPos"]["h"])
        top += 0 if header["collapsed"] else height
    return laid_out, panel_of_alert
