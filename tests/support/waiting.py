"""Waits for conditions, with a deadline."""

import time


def wait_for(condition, timeout=15.0, pause=0.02):
    """The condition's first truthy value; fails after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, "condition not met in time"
        time.sleep(pause)
