"""Serves the real status page with snapshots that a test makes up."""

import http.server
import json
import threading


class PageServer:
    """A context manager. `page` is what a daemon's get("/") gave. `snapshot` is answered to whoever asks: written as
    JSON, or bytes as they are, or a number as the status of an answer without one. An event is waited for; the answer
    is then what `snapshot` has come to be."""

    def __init__(self, page, snapshot):
        _, headers, self._document = page
        self._policy = headers["Content-Security-Policy"]
        self.snapshot = snapshot
        self.requests = []  # paths, in order
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def _handler(outer):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.requests.append(self.path)
                if self.path == "/":
                    self._answer(200, "text/html; charset=utf-8", outer._document)
                elif self.path == "/api/v1/snapshot":
                    self._answer_snapshot(outer.snapshot)
                else:
                    self._answer(404, "text/plain", b"Not found\n")

            def _answer_snapshot(self, snapshot):
                if isinstance(snapshot, threading.Event):
                    assert snapshot.wait(timeout=30)
                    snapshot = outer.snapshot
                if isinstance(snapshot, int):
                    self._answer(snapshot, "text/plain", b"")
                    return
                body = snapshot if isinstance(snapshot, bytes) else json.dumps(snapshot).encode()
                self._answer(200, "application/json", body)

            def _answer(self, status, content_type, body):
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Content-Security-Policy", outer._policy)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler

    def __enter__(self):
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=10)
