"""One request to a server."""

import http.client


def connect(host, port, tls=None):
    """`tls`: an SSLContext, for HTTPS."""
    if tls:
        return http.client.HTTPSConnection(host, port, timeout=10, context=tls)
    return http.client.HTTPConnection(host, port, timeout=10)


def ask(connection, path, method, headers):
    """(status, headers, body); closes the connection."""
    try:
        connection.request(method, path, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()
