"""The dashboard of hosts, in the order of a diagnosis."""

from dashboard import UID, annotations, data_source_variable, document, variable
from panels import ANY_IS_BAD, Column, at_the_end, limits, over_time, row, stat, table, timeseries, words
from queries import (ARRIVALS, BY_LISTENER, BY_NAMESPACE, BY_PEER, FORECAST, HEADROOM, HOUR, MINUTE, OF_LISTENER,
                     OF_NAMESPACE, OF_PEER, OWN_LISTENERS, SUSTAINABLE, URGENT, exporter, firing, namespace, of_tightest,
                     or_zero, peer, rate, up)

_TIME_WAIT, _CLOSE_WAIT, _ESTABLISHED = (f'state="{state}"' for state in ("time_wait", "close_wait", "established"))
_OWN_NAMESPACE = 'netns=""'


def trouble(alerts):
    low, critical = alerts.limit("TimewaitPortHeadroomLow"), alerts.limit("TimewaitPortHeadroomCritical")
    return row(
        "Am I in trouble?",
        stat("Least headroom",
             "Of all peers, the share of local ports that connect() can still get. At 0 % the next connection fails with "
             "\"Cannot assign requested address\". Normal: above 50 %.",
             "percentunit", over_time(f"min({HEADROOM})", "headroom"), thresholds=limits(low, critical),
             no_value="no peers", decimals=0),
        stat("Ports run out in",
             "The exporter's forecast of when a peer has no port left if the present rate lasts; the soonest of all peers, "
             "an hour at most. Normal: not in sight.",
             "s", over_time(f"clamp_max(min({FORECAST}), {HOUR})", "forecast"),
             thresholds=limits(alerts.limit("TimewaitPortExhaustionForecast")), mappings=[words(_3600="not in sight")],
             no_value="no peers"),
        stat("Pace, of what can last",
             "Ports newly taken a second over those that come back, of the busiest peer. Above 100 % ports run out within a "
             "minute or so if it stays like that. Not known while TIME_WAIT sockets are beyond their limit.",
             "percentunit", over_time(f"max({ARRIVALS} / {SUSTAINABLE})", "load"),
             thresholds=limits(alerts.limit("TimewaitArrivalRateUnsustainable")), no_value="not known", decimals=0),
        stat("Peers short of ports",
             "Peers with an effective headroom as low as the warning's.",
             "none", over_time(f"count({HEADROOM} < {low.value:g}) or vector(0)", "peers"), thresholds=ANY_IS_BAD,
             no_value="0"),
        stat("Alerts that fire",
             "Warnings and critical alerts of Prometheus's rules for this exporter. Those that Grafana itself evaluates are "
             "on its page of alerts.",
             "none", over_time(f"count({firing(URGENT)}) or vector(0)", "alerts"),
             thresholds=ANY_IS_BAD, no_value="0"),
        stat("Blind exporters",
             "Exporters that answered Prometheus within a day and no more do, or whose last poll of the kernel failed: of "
             "their hosts, what is shown here is old.",
             "none", over_time(f"count(({up('1d:5m')}) == 0 or {namespace('timewait_exporter_poll_success')} "
                               "== 0) or vector(0)", "exporters"), thresholds=ANY_IS_BAD, no_value="0"),
        peers_table(alerts),
        alerts_table())


def peers_table(alerts):
    headroom = limits(alerts.limit("TimewaitPortHeadroomLow"), alerts.limit("TimewaitPortHeadroomCritical"))
    load = limits(alerts.limit("TimewaitArrivalRateUnsustainable"))
    forecast = limits(alerts.limit("TimewaitPortExhaustionForecast"))
    tightest = f"bottomk(20, min by ({BY_PEER}) ({HEADROOM}))"

    def now(expression):
        return at_the_end(f"{expression} and on ({BY_PEER}) {tightest}")

    def least(selector):
        return f"min by ({BY_PEER}) ({selector})"

    coloured = {"custom__cellOptions": {"type": "color-background", "mode": "basic"}}
    return table(
        "Peers, the tightest first",
        "Of each peer, its tightest pool: one local address, remote address and remote port. Used ports count in any "
        "state; those in TIME_WAIT that the kernel would hand out again are not lost, so effective headroom is what "
        "decides. The 20 tightest peers are shown.",
        "none",
        [Column("Host", "instance"), Column("Namespace", "netns"), Column("Peer", "peer", custom__width=150),
         Column("Headroom", at_the_end(tightest), unit="percentunit", decimals=1, thresholds=headroom, **coloured),
         Column("Runs out in", now(f"clamp_max({least(FORECAST)}, {HOUR})"), unit="s", thresholds=forecast,
                mappings=[words(_3600="not in sight")], **coloured),
         Column("Pace", now(least(f"{ARRIVALS} / {SUSTAINABLE}")), unit="percentunit", decimals=0,
                thresholds=load, **coloured),
         Column("Used", now(least(peer("timewait_outbound_ports_used"))), unit="locale"),
         Column("Reusable", now(least(peer("timewait_outbound_ports_reusable"))), unit="locale"),
         Column("Of", now(least(peer("timewait_outbound_ports_capacity"))), unit="locale")],
        sort_by="Headroom", width=14)


def alerts_table():
    return table(
        "Which alerts fire",
        "Each alert of Prometheus's rules for this exporter that fires now. None is normal.",
        "none",
        [Column("Alert", "alertname", custom__width=245), Column("Severity", "severity", custom__width=70),
         Column("Host", "instance"), Column("About", "about")],
        [at_the_end(f'max by (alertname, severity, instance, about) (label_join({firing()}, "about", " ", '
                    '"netns", "peer", "listener", "setting"))')],
        sort_by="Severity", width=10, no_value="No alert fires.")


def culprits(alerts):
    low, critical = alerts.limit("TimewaitPortHeadroomLow"), alerts.limit("TimewaitPortHeadroomCritical")
    fast = f"{peer('timewait_outbound_ports_fast')} / {peer('timewait_outbound_ports_capacity')}"
    return row(
        "With whom, and since when?",
        timeseries("Effective headroom",
                   "The share of local ports that connect() can still get, of the ten peers that came lowest in the time "
                   "shown. Normal: steady and above 50 %. A sudden fall that comes back within a minute or so is a burst.",
                   "percentunit", over_time(of_tightest(f"min by ({BY_PEER}) ({HEADROOM})"), OF_PEER),
                   marked=(low, critical), soft_max=1,
                   alerts=("TimewaitPortHeadroomLow", "TimewaitPortHeadroomCritical")),
        timeseries("Ports in use that do not come back at once",
                   "Used ports less those in TIME_WAIT that the kernel hands out again, of the same peers, beside what "
                   "there is at most.",
                   "locale",
                   over_time(of_tightest(f"min by ({BY_PEER}) ({peer('timewait_outbound_ports_used')} - "
                                         f"{peer('timewait_outbound_ports_reusable')})"), OF_PEER),
                   over_time(f"min({peer('timewait_outbound_ports_capacity')})", "all there are"),
                   dashed=["all there are"]),
        timeseries("Ports that connect() finds at once",
                   "Free ports in the half of the range that connect() tries first, of all ports, of the same peers. "
                   "Near 0 each connect() searches that half in vain: it works, but takes CPU time. Normal: 50 % where "
                   "little is used, and well above 5 %.",
                   "percentunit", over_time(of_tightest(f"min by ({BY_PEER}) ({fast})"), OF_PEER),
                   marked=[alerts.limit("TimewaitSlowConnect")], soft_max=0.5,
                   alerts=("TimewaitSlowConnect",)))


def sides():
    outbound, inbound = peer("timewait_outbound_sockets"), namespace("timewait_inbound_sockets")
    entered = (peer("timewait_outbound_time_wait_entered_total"), namespace("timewait_inbound_time_wait_entered_total"))
    return row(
        "Which side closes first?",
        timeseries("TIME_WAIT on either side",
                   "Sockets in TIME_WAIT: outbound ones, which this host opened and closed first, hold a local port each; "
                   "inbound ones, which it accepted, hold none, whatever their number.",
                   "locale",
                   over_time(f"sum({peer('timewait_outbound_sockets', _TIME_WAIT)})", "outbound"),
                   over_time(f"sum({namespace('timewait_inbound_sockets', _TIME_WAIT)})", "inbound"),
                   stacked=True),
        timeseries("Outbound sockets, by state",
                   "Where time_wait is most, connections are closed after little use: keep them open. Where established "
                   "is, they are held or leaked: TIME_WAIT is not the matter.",
                   "locale", over_time(f"sum by (state) ({outbound})", "{{state}}"), stacked=True),
        timeseries("Inbound sockets, by state",
                   "What this host accepted. They share their listener's port and use up no local port.",
                   "locale", over_time(f"sum by (state) ({inbound})", "{{state}}"), stacked=True),
        timeseries("Connections that this host closed first, outbound",
                   "Sockets that enter TIME_WAIT a second, by peer: each takes a local port for 60 s, unless the kernel "
                   "hands it out again before.",
                   "cps", over_time(of_tightest(f"sum by ({BY_PEER}) ({rate(entered[0])})"), OF_PEER), width=12),
        timeseries("Connections that this host closed first, inbound",
                   "Sockets that enter TIME_WAIT a second, by listener. They take memory and count against the limit of "
                   "TIME_WAIT sockets.",
                   "cps", over_time(f"topk(10, sum by ({BY_LISTENER}) ({rate(entered[1])}))", OF_LISTENER), soft_max=1,
                   width=12))


def outlook(alerts):
    return row(
        "Will it get worse?",
        timeseries("Ports run out in, by peer",
                   "The exporter's forecast, an hour at most. It knows which TIME_WAIT sockets expire and when, so a burst "
                   "does not move it. Normal: at the top.",
                   "m", over_time(of_tightest(f"clamp_max(min by ({BY_PEER}) ({FORECAST}), {HOUR}) / {MINUTE}"), OF_PEER),
                   marked=[alerts.limit("TimewaitPortExhaustionForecast").in_units_of(MINUTE)], soft_max=HOUR // MINUTE,
                   alerts=("TimewaitPortExhaustionForecast",)),
        timeseries("Pace, of what can last, by peer",
                   "Ports newly taken a second over those that come back: the capacity over 60 s, or over the reuse delay "
                   "where the kernel hands ports out again. Above 100 % ports run out.",
                   "percentunit", over_time(of_tightest(f"max by ({BY_PEER}) ({ARRIVALS} / {SUSTAINABLE})"), OF_PEER),
                   marked=[alerts.limit("TimewaitArrivalRateUnsustainable")], soft_max=1,
                   alerts=("TimewaitArrivalRateUnsustainable",)),
        timeseries("New connections a second",
                   "Ports newly taken a second in the tightest pool of each peer.",
                   "cps", over_time(of_tightest(f"max by ({BY_PEER}) ({ARRIVALS})"), OF_PEER)))


def constraints(alerts):
    bound = f"{namespace('timewait_ephemeral_ports_bound')} / ({namespace('timewait_ephemeral_ports')} - " \
            f"{namespace('timewait_ephemeral_ports_reserved')})"
    listeners = f"sum by ({BY_NAMESPACE}) ({namespace('timewait_listen_ephemeral_ports')} unless on " \
                f"(job, instance, netns, listener) {OWN_LISTENERS})"
    return row(
        "What limits me?",
        settings_table(),
        timeseries("Ports held by bind()",
                   "Of the range that is not reserved: listeners, bound sockets and, with headroom.audit, clients that "
                   "bind before they connect. connect() skips them for every peer. Normal: a handful.",
                   "percentunit", over_time(f"max by ({BY_NAMESPACE}) ({bound})", OF_NAMESPACE),
                   marked=[alerts.limit("TimewaitPortsHeldByBind")], soft_max=0.2,
                   alerts=("TimewaitPortsHeldByBind",)),
        timeseries("TIME_WAIT sockets, of the limit",
                   "All TIME_WAIT sockets over net.ipv4.tcp_max_tw_buckets, which is small on hosts with little memory. "
                   "Beyond it connections end without the protection of TIME_WAIT.",
                   "percentunit",
                   over_time(f"max by ({BY_NAMESPACE}) ({namespace('timewait_sockets')} / "
                             f"{namespace('timewait_sockets_limit')})", OF_NAMESPACE),
                   marked=[alerts.limit("TimewaitSocketsNearLimit")], soft_max=1,
                   alerts=("TimewaitSocketsNearLimit",)),
        timeseries("Closed without TIME_WAIT",
                   "Connections a second that ended without TIME_WAIT because its limit was reached. Normal: none.",
                   "cps", over_time(f"sum by ({BY_NAMESPACE}) ({rate(namespace('timewait_overflow_total'))})", OF_NAMESPACE),
                   soft_max=1, alerts=("TimewaitSocketsOverflow",)),
        timeseries("Ports taken over from TIME_WAIT",
                   "TIME_WAIT sockets a second whose port the kernel gave to a new connection, as tcp_tw_reuse lets it. "
                   "Such a host lives on reuse; it does no harm.",
                   "cps", over_time(f"sum by ({BY_NAMESPACE}) ({rate(namespace('timewait_reused_total'))})", OF_NAMESPACE),
                   width=12),
        timeseries("Listeners inside the ephemeral range",
                   "Ports that programs listen on and connect() may take while they are stopped; then they cannot start "
                   "again. Reserve them (net.ipv4.ip_local_reserved_ports). The exporter itself is left out.",
                   "none",
                   over_time(or_zero(listeners, f"max by ({BY_NAMESPACE}) ({namespace('timewait_ephemeral_ports')})"),
                             OF_NAMESPACE),
                   soft_max=2, width=12, alerts=("TimewaitListenerInEphemeralRange",)))


def settings_table():
    def of(metric):
        return at_the_end(f"max by ({BY_NAMESPACE}) ({namespace(metric)})")

    return table(
        "Settings",
        "What connect() may choose from: the range (net.ipv4.ip_local_port_range), less what is reserved "
        "(ip_local_reserved_ports) and held by bind(). Beside it what decides about TIME_WAIT: tcp_tw_reuse, its delay, and "
        "tcp_max_tw_buckets.",
        "locale",
        [Column("Host", "instance"), Column("Namespace", "netns"), Column("Range", of("timewait_ephemeral_ports")),
         Column("Reserved", of("timewait_ephemeral_ports_reserved")), Column("Bound", of("timewait_ephemeral_ports_bound")),
         Column("tcp_tw_reuse", of("timewait_tcp_tw_reuse"), mappings=[words(_0="never", _1="always", _2="loopback only")]),
         Column("Reuse delay", of("timewait_tcp_tw_reuse_delay_seconds"), unit="s"),
         Column("TIME_WAIT limit", of("timewait_sockets_limit"))],
        sort_by="Host", width=24, height=5, alerts=("TimewaitSettingsChanged",))


def programs(alerts):
    queue = f"max by ({BY_LISTENER}) (({namespace('timewait_listen_queue_sockets')} / " \
            f"({namespace('timewait_listen_queue_limit')} > 0)) unless on (job, instance, netns, listener) {OWN_LISTENERS})"
    return row(
        "Does a program here leak connections, or not keep up?",
        timeseries("CLOSE_WAIT",
                   "Connections that the other side has closed and the program here has not. Normal: a moment's few. "
                   "Growing and growing: it forgets to close them.",
                   "locale",
                   over_time(_most(BY_PEER, peer, "timewait_outbound_sockets"), "to " + OF_PEER),
                   over_time(_most(BY_LISTENER, namespace, "timewait_inbound_sockets"), "from " + OF_LISTENER),
                   marked=[alerts.limit("TimewaitCloseWaitGrowing")], width=6,
                   alerts=("TimewaitCloseWaitGrowing",)),
        timeseries("Accept queues, of their limit",
                   "Connections that wait for the program to call accept(). Normal: near 0. Full: new ones are turned away. "
                   "The exporter itself is left out.",
                   "percentunit", over_time(f"topk(10, {queue})", OF_LISTENER),
                   marked=[alerts.limit("TimewaitAcceptQueueFilling")], soft_max=1, width=6,
                   alerts=("TimewaitAcceptQueueFilling",)),
        timeseries("Turned away at a full accept queue",
                   "Inbound connections a second. Their clients try again a second later at the soonest. Normal: none.",
                   "cps",
                   over_time(f"sum by ({BY_NAMESPACE}) ({rate(namespace('timewait_listen_overflows_total'))})",
                             OF_NAMESPACE),
                   soft_max=1, width=6, alerts=("TimewaitAcceptQueueOverflow",)),
        timeseries("Outbound connections that failed",
                   "A second: refused, unreachable or timed out. A connect() that found no port is not among them: no "
                   "counter of the kernel's has it.",
                   "cps",
                   over_time(f"sum by ({BY_NAMESPACE}) ({rate(namespace('timewait_tcp_attempt_fails_total'))})",
                             OF_NAMESPACE),
                   soft_max=1, width=6))


def _most(labels, selector, metric):
    """In CLOSE_WAIT: the state's series begins with its first socket."""
    waiting, open_ = (f"sum by ({labels}) ({selector(metric, state)})" for state in (_CLOSE_WAIT, _ESTABLISHED))
    return f"topk(10, {or_zero(waiting, open_)})"


def exporters():
    folded = f"{namespace('timewait_folded_sockets')} / sum without (peer, state) ({namespace('timewait_outbound_sockets')})"
    last_poll = namespace("timewait_exporter_last_poll_timestamp_seconds")
    return row(
        "Is the exporter itself well?",
        exporters_table(),
        timeseries("Polls that succeed", "1 if the last poll of a network namespace did, else 0. Normal: 1.", "none",
                   over_time(f"min by ({BY_NAMESPACE}) ({namespace('timewait_exporter_poll_success')})", OF_NAMESPACE),
                   soft_max=1, alerts=("TimewaitExporterBlind",)),
        timeseries("Age of the figures",
                   "Since the last good poll. Normal: up to the interval of the polls and of the scrapes together.", "s",
                   over_time(f"time() - min by ({BY_NAMESPACE}) ({last_poll})", OF_NAMESPACE),
                   alerts=("TimewaitExporterStale",)),
        timeseries("Failed polls", "A second, by reason. Normal: none.", "cps",
                   over_time(f"sum by (reason) ({rate(namespace('timewait_exporter_poll_errors_total'))})", "{{reason}}"),
                   soft_max=1),
        timeseries("Time a poll takes",
                   "99 of 100 polls are faster. It grows with the sockets of the host, and so do the intervals, so that "
                   "polls take no more than poll.max_cpu.",
                   "s", over_time("histogram_quantile(0.99, sum by (instance, netns, le) ("
                                  f"{rate(namespace('timewait_exporter_poll_duration_seconds_bucket'))}))", OF_NAMESPACE)),
        timeseries("Time between polls", "As configured unless polls would take too much CPU; 30 s at most.", "s",
                   over_time(f"max by (instance) ({exporter('timewait_exporter_poll_interval_seconds')})", "{{instance}}")),
        timeseries("Sockets that a poll reads", "All TCP sockets of the network namespace.", "locale",
                   over_time(f"max by ({BY_NAMESPACE}) ({namespace('timewait_exporter_poll_sockets')})", OF_NAMESPACE)),
        timeseries("Outbound sockets of peers not shown by name",
                   "Of all outbound sockets. Peers beyond discovery.max_peers are in `other`, which has no headroom and no "
                   "forecast. Normal: few.",
                   "percentunit", over_time(f"max by ({BY_NAMESPACE}) ({folded})", OF_NAMESPACE), soft_max=1,
                   alerts=("TimewaitPeersFolded",)),
        timeseries("CPU time", "Of one core. Normal: well below 5 %, which poll.max_cpu lets polls take.", "percentunit",
                   over_time(f"sum by (instance) ({rate(exporter('process_cpu_seconds_total'))})", "{{instance}}")),
        timeseries("Memory", "Resident, in bytes. Normal: steady, and below 128 MiB even with two million sockets.", "bytes",
                   over_time(f"sum by (instance) ({exporter('process_resident_memory_bytes')})", "{{instance}}")),
        collapsed=True)


def exporters_table():
    reload = exporter("timewait_exporter_config_last_reload_successful")
    return table(
        "Exporters",
        "Version, and what the sockets are read from: procfs where there is no netlink sock_diag.",
        "none",
        [Column("Host", "instance"), Column("Version", "version"), Column("Revision", "revision"),
         Column("Source", "source"),
         Column("Answers", at_the_end(f"max by (instance) ({up()})"), mappings=[words(_0="no", _1="yes")]),
         Column("Configuration", at_the_end(f"min by (instance) ({reload})"),
                mappings=[words(_0="last reload failed", _1="in force")])],
        [at_the_end(f"max by (instance, version, revision) ({exporter('timewait_exporter_build_info')})"),
         at_the_end(f"max by (instance, source) ({exporter('timewait_exporter_source_info', _OWN_NAMESPACE)})")],
        sort_by="Host", height=5, alerts=("TimewaitExporterDown", "TimewaitExporterConfigReloadFailed"))


def variables():
    known = "timewait_exporter_build_info"
    return [data_source_variable(),
            variable("job", "Job", f"label_values({known}, job)", ".+", "The scrape job."),
            variable("instance", "Instance", f'label_values({known}{{job=~"$job"}}, instance)', ".+", "The hosts."),
            # Series of the exporter's own network namespace have no `netns`, and .* takes them too.
            variable("netns", "Network namespace", f"label_values({exporter('timewait_ephemeral_ports')}, netns)", ".*",
                     "Others than the exporter's own have a name. All: its own, too."),
            variable("peer", "Peer", f"label_values({namespace('timewait_outbound_sockets')}, peer)", ".+",
                     "Configured names, or address:port.")]


def hosts(alerts):
    return document(
        UID, "timewait_exporter",
        "How many more connections can these hosts open, to whom, for how long, and what stands in the way.", variables(),
        [trouble(alerts), culprits(alerts), sides(), outlook(alerts), constraints(alerts), programs(alerts), exporters()],
        annotations=annotations())
