"""The dashboard of a fleet: which of many hosts to look at. It reads what deploy/prometheus/rules records, whose series do
not grow with the number of hosts."""

from dashboard import UID, data_source_variable, document, variable
from panels import ANY_IS_BAD, Column, at_the_end, limits, over_time, row, stat, steps, table, timeseries, words
from queries import HOUR

FLEET_UID = f"{UID}-fleet"


def job(metric):
    return f'{metric}{{job=~"$job"}}'


HEADROOM = "timewait_outbound_port_effective_headroom"
SILENT = f"sum({job('job:up:count')} - {job('job:up:sum')})"
BLIND = f"sum({job('job:timewait_exporter_poll_success:count')} - {job('job:timewait_exporter_poll_success:sum')})"


def trouble(alerts):
    low, critical = alerts.limit("TimewaitPortHeadroomLow"), alerts.limit("TimewaitPortHeadroomCritical")
    return row(
        "Is any host in trouble?",
        stat("Hosts", "Hosts whose exporter Prometheus knows, whether it answers or not.", "locale",
             over_time(f"sum({job('job:up:count')})", "hosts"), thresholds=steps("blue"), no_value="none"),
        stat("Hosts short of ports", "Hosts with a peer whose effective headroom is as low as the warning's.", "locale",
             over_time(f"sum({job(f'job:{HEADROOM}_low:count')})", "hosts"), thresholds=ANY_IS_BAD, no_value="0"),
        stat("Blind hosts",
             "Hosts whose exporter does not answer, or failed to read the kernel: nobody would know of ports that run out.",
             "locale", over_time(f"{SILENT} + {BLIND}", "hosts"), thresholds=ANY_IS_BAD,
             no_value="not known"),
        stat("Least headroom", "Of all peers of all hosts, the share of local ports that connect() can still get.",
             "percentunit", over_time(f"min({job(f'job:{HEADROOM}_ratio:min')})", "headroom"),
             thresholds=limits(low, critical), no_value="no peers", decimals=0),
        stat("Ports run out in", "The soonest forecast of all hosts, an hour at most.", "s",
             over_time(f"clamp_max(min({job('job:timewait_outbound_exhaustion_seconds:min')}), {HOUR})", "forecast"),
             thresholds=limits(alerts.limit("TimewaitPortExhaustionForecast")), mappings=[words(_3600="not in sight")],
             no_value="no peers"),
        stat("TIME_WAIT, of the limit", "Of the host that is nearest to its tcp_max_tw_buckets.", "percentunit",
             over_time(f"max({job('job:timewait_sockets_per_limit:ratio_max')})", "of the limit"),
             thresholds=limits(alerts.limit("TimewaitSocketsNearLimit")), no_value="not known", decimals=0))


def whom(alerts):
    low, critical = alerts.limit("TimewaitPortHeadroomLow"), alerts.limit("TimewaitPortHeadroomCritical")
    coloured = {"custom__cellOptions": {"type": "color-background", "mode": "basic"}, "unit": "percentunit",
                "decimals": 1, "thresholds": limits(low, critical)}
    look_at_host = [{"title": "Look at this host", "url": f"/d/{UID}?var-instance=${{__data.fields.Host}}"}]
    peers = "sum by (peer_group)"
    return row(
        "Which hosts and which peers?",
        table("Hosts to look at",
              "The ten tightest peers of each job, of those that have used up half of their ports. None is normal. A host "
              "leads to its own dashboard.",
              "none", [Column("Host", "instance", links=look_at_host), Column("Peer", "peer"),
                       Column("Headroom", at_the_end(
                           f"min by (instance, peer) ({job(f'job_instance_peer:{HEADROOM}_ratio:bottomk10')})"),
                           **coloured)],
              sort_by="Headroom", width=12, no_value="No peer of any host has used up half of its ports."),
        table("Peers, over all hosts",
              "By configured name; discovered peers by their port. How many of them are short of ports, and how many "
              "sockets there are.",
              "none", [Column("Peer", "peer_group"),
                       Column("Least headroom", at_the_end(
                           f"min by (peer_group) ({job(f'job_peer_group:{HEADROOM}_ratio:min')})"), **coloured),
                       Column("Short of ports", at_the_end(
                           f"sum by (peer_group) ({job(f'job_peer_group:{HEADROOM}_low:count')})"), unit="locale"),
                       Column("Established", at_the_end(f"{peers} ({sockets('established')})"), unit="locale"),
                       Column("TIME_WAIT", at_the_end(f"{peers} ({sockets('time_wait')})"), unit="locale")],
              sort_by="Least headroom", width=12))


def sockets(state):
    return f'job_peer_group_state:timewait_outbound_sockets:sum{{job=~"$job", state="{state}"}}'


def course(alerts):
    low, critical = alerts.limit("TimewaitPortHeadroomLow"), alerts.limit("TimewaitPortHeadroomCritical")
    return row(
        "Since when?",
        timeseries("Least headroom, by job", "Effective. Normal: steady and above 50 %.", "percentunit",
                   over_time(job(f"job:{HEADROOM}_ratio:min"), "{{job}}"), marked=(low, critical), soft_max=1),
        timeseries("Hosts short of ports, by job", "Normal: none.", "locale",
                   over_time(job(f"job:{HEADROOM}_low:count"), "{{job}}")),
        timeseries("Connections closed first by the hosts", "Outbound sockets that enter TIME_WAIT a second, all hosts of a "
                   "job together.", "cps", over_time(job("job:timewait_outbound_time_wait_entered:rate5m"), "{{job}}")))


def fleet(alerts):
    jobs = "label_values(job:up:count, job)"
    variables = [data_source_variable(), variable("job", "Job", jobs, ".+", "The scrape job.")]
    dashboard, _ = document(FLEET_UID, "timewait_exporter, fleet",
                            "Which of many hosts run short of local ports, toward whom, and since when.", variables,
                            [trouble(alerts), whom(alerts), course(alerts)])
    return dashboard
