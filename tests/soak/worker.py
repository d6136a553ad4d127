"""Loads in processes of their own, so that none waits for another's share of the interpreter."""

import multiprocessing
import signal
import traceback

from support import netns

_JOIN_SECONDS = 30
_fork = multiprocessing.get_context("fork")


class Worker:
    """Runs work(stop, *arguments) in a process; a context manager. `stop` is an event; the work ends soon after it.

    `namespace`: an open file of the network namespace to work in. What the work returned is in `result` afterwards.
    """

    def __init__(self, work, *arguments, namespace=None):
        self._stop = _fork.Event()
        self._receiver, sender = _fork.Pipe(duplex=False)
        self._process = _fork.Process(target=self._run, args=(sender, work, arguments, namespace), daemon=True)
        self.result = None

    def _run(self, sender, work, arguments, namespace):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            if namespace:
                netns.enter(namespace)
            sender.send((work(self._stop, *arguments), None))
        except Exception:  # whatever it was, it is told to the one who waits for the result
            sender.send((None, traceback.format_exc()))

    def __enter__(self):
        self._process.start()
        return self

    def __exit__(self, kind, *_):
        self._stop.set()
        if kind is None:
            assert self._receiver.poll(_JOIN_SECONDS), "a load does not end"
            self.result, failure = self._receiver.recv()
            assert failure is None, failure
        self._process.join(_JOIN_SECONDS)
        self._process.kill()
