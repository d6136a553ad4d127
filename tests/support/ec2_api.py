"""A stand-in for the API of EC2: as much of it as Prometheus asks for."""

import fnmatch
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape

ZONE = "eu-central-1a"
_ENVIRONMENT = "elasticbeanstalk:environment-name"


class Instance:
    """`environment` None: one that Elastic Beanstalk has nothing to do with."""

    def __init__(self, name, address, environment=None, state="running"):
        self.name, self.address, self.environment, self.state = name, address, environment, state

    def passes(self, filters):
        mine = {"instance-state-name": self.state, f"tag:{_ENVIRONMENT}": self.environment or ""}
        return all(any(fnmatch.fnmatchcase(mine[name], pattern) for pattern in patterns)
                   for name, patterns in filters.items())

    def xml(self):
        tags = {"Name": self.environment, _ENVIRONMENT: self.environment} if self.environment else {}
        items = "".join(f"<item><key>{escape(key)}</key><value>{escape(value)}</value></item>"
                        for key, value in tags.items())
        return (f"<item><instanceId>{self.name}</instanceId><privateIpAddress>{self.address}</privateIpAddress>"
                f"<instanceState><code>16</code><name>{self.state}</name></instanceState>"
                f"<placement><availabilityZone>{ZONE}</availabilityZone></placement>"
                f"<imageId>ami-1</imageId><instanceType>t3.small</instanceType>"
                f"<architecture>x86_64</architecture><vpcId>vpc-1</vpcId><subnetId>subnet-1</subnetId>"
                f"<tagSet>{items}</tagSet></item>")


class Ec2Api:
    """A context manager that serves it. `instances` may be changed; `refused`: actions that the caller may not do."""

    def __init__(self, instances, refused=()):
        self.instances, self.refused = list(instances), set(refused)
        self.asked = set()
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
                status, body = api.answer(form)
                self.send_response(status)
                self.send_header("Content-Type", "text/xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, form):
        action = form["Action"]
        self.asked.add(action)
        if action in self.refused:
            return 403, (b"<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors>"
                         b"<RequestID>1</RequestID></Response>")
        if action == "DescribeAvailabilityZones":
            content = (f"<availabilityZoneInfo><item><zoneName>{ZONE}</zoneName><zoneId>euc1-az2</zoneId></item>"
                       "</availabilityZoneInfo>")
        else:
            chosen = [each.xml() for each in self.instances if each.passes(_filters(form))]
            content = (f"<reservationSet><item><ownerId>1</ownerId><instancesSet>{''.join(chosen)}</instancesSet></item>"
                       "</reservationSet>")
        return 200, (f'<{action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>1</requestId>'
                     f"{content}</{action}Response>").encode()

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def _filters(form):
    """{name: [patterns]} of Filter.1.Name=..., Filter.1.Value.1=..."""
    return {form[f"Filter.{number}.Name"]: [value for key, value in form.items()
                                            if key.startswith(f"Filter.{number}.Value.")]
            for number in range(1, 1 + sum(key.endswith(".Name") for key in form))}
