"""An HTTP/1.1 application behind a proxy, which keeps connections and tells what it was sent."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        self.server.connections.add(self.connection)

    def do_GET(self):
        if self.headers.get("Upgrade"):
            self._echo()
        elif self.path == "/chunked":
            self._send({"Transfer-Encoding": "chunked"}, b"5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n")
        else:
            self._send_json({"headers": dict(self.headers.items())})

    do_HEAD = do_GET

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._send_json({"bytes": len(body)})

    def _echo(self):
        self.send_response(101)
        self.send_header("Connection", "upgrade")
        self.send_header("Upgrade", self.headers["Upgrade"])
        self.send_header("X-Was-Asked-To", self.headers.get("Connection", ""))
        self.end_headers()
        while data := self.connection.recv(1024):
            self.connection.sendall(data)
        self.close_connection = True

    def _send_json(self, document):
        body = json.dumps(document).encode()
        self._send({"Content-Length": str(len(body)), "Content-Type": "application/json"}, body)

    def _send(self, headers, body):
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


class _Server(ThreadingHTTPServer):
    request_queue_size = 512

    def handle_error(self, *_):
        pass  # the connection was taken away


class Application:
    """A context manager that serves it on a port of 127.0.0.1, and ends its connections when it stops."""

    def __init__(self, port):
        self.server = _Server(("127.0.0.1", port), _Handler)
        self.server.connections = set()

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        for connection in self.server.connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it ended before
        self.server.server_close()
