"""The selectors and expressions that panels are made of.

What is about an exporter as a whole has no label netns, what is about a network namespace none of a peer.
"""

_EXPORTER = 'job=~"$job", instance=~"$instance"'
_NAMESPACE = f'{_EXPORTER}, netns=~"$netns"'
_PEER = f'{_NAMESPACE}, peer=~"$peer"'
BY_NAMESPACE, BY_PEER, BY_LISTENER = "instance, netns", "instance, netns, peer", "instance, netns, listener"
OF_NAMESPACE = "{{instance}} {{netns}}"
OF_PEER, OF_LISTENER = f"{OF_NAMESPACE} {{{{peer}}}}", f"{OF_NAMESPACE} {{{{listener}}}}"
URGENT = 'severity=~"warning|critical"'
MINUTE, HOUR = 60, 3600  # seconds; no forecast above an hour is shown


def exporter(metric, *more):
    return f"{metric}{{{', '.join((_EXPORTER, *more))}}}"


def namespace(metric, *more):
    return f"{metric}{{{', '.join((_NAMESPACE, *more))}}}"


def peer(metric, *more):
    return f"{metric}{{{', '.join((_PEER, *more))}}}"


def rate(selector):
    return f"rate({selector}[$__rate_interval])"


HEADROOM = peer("timewait_outbound_port_effective_headroom_ratio")
ARRIVALS = peer("timewait_outbound_arrivals_per_second")
SUSTAINABLE = peer("timewait_outbound_sustainable_arrivals_per_second")
FORECAST = peer("timewait_outbound_exhaustion_seconds")
OWN_LISTENERS = namespace("timewait_exporter_listener_info")

# The peers that came nearest to their end in the time shown: the same ones at each point of a graph.
_TIGHTEST = f"bottomk(10, min by ({BY_PEER}) (min_over_time({HEADROOM}[$__range] @ end())))"


def or_zero(series, always):
    """0 where something rare has not come yet. `always`: a series with the same labels that is there."""
    return f"({series}) or 0 * {always}"


def up(known="1d"):
    """Of exporters, also of those that answered within a day and no more do; not of other targets with the same job.
    `known`: with a step for a graph, each of whose points would else look at all samples of a day."""
    return f"{exporter('up')} and on (job, instance) last_over_time({exporter('timewait_exporter_build_info')}[{known}])"


def of_tightest(expression):
    return f"{expression} and on ({BY_PEER}) {_TIGHTEST}"


def firing(*more):
    """Of Prometheus's own rules."""
    return exporter("ALERTS", 'alertname=~"Timewait.+"', 'alertstate="firing"', *more)
