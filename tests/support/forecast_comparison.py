"""The exporter's forecast beside Prometheus's predict_linear(), on the series of the same exporter."""

import dataclasses
import math
import time

from support import forecast_scenes
from support.prometheus import Prometheus
from support.waiting import wait_for

HEADROOM = 'timewait_outbound_port_effective_headroom_ratio{peer="peer"}'
# The usual alert: at the slope of the last minute, will nothing be left five minutes from now?
PREDICTED = f"predict_linear({HEADROOM}[1m], 300)"
# The same line, as the seconds until it comes down to nothing.
SECONDS_LEFT = f"{HEADROOM} / -(deriv({HEADROOM}[1m]) < 0)"
USED = 'timewait_outbound_ports_used{peer="peer"}'
FORECAST = 'timewait_outbound_exhaustion_seconds{peer="peer"}'


@dataclasses.dataclass
class Comparison:
    """Each a list of (seconds since the start, value)."""
    record: forecast_scenes.Record
    used: list
    forecast: list
    predicted: list     # the headroom ratio in five minutes
    seconds_left: list  # by the line of predict_linear(); only where it falls

    def forecast_alarms(self):
        return [at for at, value in self.forecast if value != math.inf]

    def predicted_alarms(self):
        return [at for at, value in self.predicted if value < 0]


def compare(scene, directory):
    """Plays the scene under the eyes of a Prometheus; see forecast_scenes.run()."""
    with forecast_scenes.prepared(scene, directory) as (daemon, load), \
            Prometheus(directory, f"{daemon.host}:{daemon.port}") as prometheus:
        wait_for(lambda: prometheus.query(HEADROOM), timeout=60)
        start = time.time()
        record = forecast_scenes.play(scene, daemon, load)
        end = time.time()

        def series(expression):
            return [(at - start, value) for at, value in prometheus.query_range(expression, start, end)]

        return Comparison(record, series(USED), series(FORECAST), series(PREDICTED), series(SECONDS_LEFT))
