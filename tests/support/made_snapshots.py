"""Snapshots as /api/v1/snapshot gives them, of situations that real sockets would take long to make."""

import time

CAPACITY = 28232


def ports(used, reusable=0, capacity=CAPACITY):
    free = capacity - used + reusable
    return {"capacity": capacity, "used": used, "reusable": reusable, "free": free,
            "free_fast": max(0, free - capacity // 2)}


def peer(name, used=0, reusable=0, exhaustion=None, arrivals=0.0, **others):
    of_capacity = ports(used, reusable)
    return {"name": name, "configured": True, "sockets": {"established": 0, "time_wait": used},
            "time_wait_entered_total": used, "pools": 1 if used else 0,
            "tightest_pool": {"local_address": "10.0.0.5", "remote_address": "10.0.0.9", "remote_port": 443,
                              "zone": 0} if used else None,
            "ports": of_capacity, "headroom_ratio": (CAPACITY - used) / CAPACITY,
            "effective_headroom_ratio": of_capacity["free"] / CAPACITY, "arrivals_per_second": arrivals,
            "sustainable_per_second": CAPACITY / 60, "exhaustion_seconds": exhaustion, **others}


def pool(of_peer, used, exhaustion=None, **key):
    return {**key, "zone": 0, "peer": of_peer, "sockets": {"established": used, "time_wait": 0}, "ports": ports(used),
            "headroom_ratio": (CAPACITY - used) / CAPACITY, "effective_headroom_ratio": (CAPACITY - used) / CAPACITY,
            "arrivals_per_second": 0.0, "sustainable_per_second": CAPACITY / 60, "exhaustion_seconds": exhaustion,
            "time_wait_ages": [0] * 60, "time_wait_overdue": 0}


def listener(name, queue=0, limit=128, exporter=False, **sockets):
    return {"name": name, "exporter": exporter, "sockets": {"established": 0, "time_wait": 0, **sockets},
            "time_wait_entered_total": 0, "accept_queue": queue, "accept_queue_limit": limit}


def finding(severity, text, of_peer=None, netns="", kind="headroom"):
    return {"severity": severity, "kind": kind, "netns": netns, "peer": of_peer, "listener": None, "text": text}


def history(peers, points=121, now=None):
    now = time.time() if now is None else now
    return {"at": [now - 5 * (points - 1 - i) for i in range(points)],
            "time_wait_sockets": [100 + i for i in range(points)],
            "peers": [{"name": each["name"],
                       "effective_headroom_ratio": [each["effective_headroom_ratio"]] * points,
                       "arrivals_per_second": [each["arrivals_per_second"]] * points} for each in peers]}


def namespace(peers=(), listeners=(), name="", **others):
    now = time.time()
    return {"name": name,
            "poll": {"successful": True, "polls": 120, "errors": {}, "mean_duration_seconds": 0.004,
                     "last_success_at": now, "sockets": 3022, "source": "netlink", "lists_bound_sockets": True,
                     "audit": None},
            "host": {"ephemeral_ports": {"first": 32768, "last": 60999, "count": CAPACITY, "reserved": 0, "bound": 3},
                     "time_wait_sockets": 27, "time_wait_sockets_limit": 131072, "tcp_tw_reuse": 2,
                     "tcp_tw_reuse_delay_seconds": 1, "tcp_timestamps": True,
                     "counters": {"entered_total": 812, "reused_total": 0, "overflow_total": 0,
                                  "tcp_active_opens_total": 1200, "tcp_attempt_fails_total": 3,
                                  "listen_overflows_total": 0, "listen_drops_total": 0}},
            "peers": list(peers), "folded": None, "listeners": list(listeners), "pools": [],
            "history": history(peers, now=now), **others}


def namespace_without_figures(name=""):
    """No poll of it has succeeded yet."""
    return namespace(name=name, host=None, history=history([], points=0),
                     poll={"successful": False, "polls": 1, "errors": {"overrun": 1}, "mean_duration_seconds": None,
                           "last_success_at": None, "sockets": None, "source": None, "lists_bound_sockets": None,
                           "audit": None})


def snapshot(*namespaces, findings=(), interval=1, **others):
    return {"schema_version": 1, "written_at": time.time(),
            "exporter": {"version": "0.1.0", "revision": "0123456", "compiler": "GNU 12.2.0"},
            "config": {"last_reload_successful": True, "last_reload_success_at": time.time() - 3600},
            "polling": {"interval_seconds": interval, "actual_interval_seconds": interval},
            "hosts": [], "namespaces_left_out": 0, "findings": list(findings), "namespaces": list(namespaces),
            **others}
