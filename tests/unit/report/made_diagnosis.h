// A diagnosis with all that one can hold.
#pragma once

#include "diagnosis/diagnosis.h"

namespace timewait::report {

inline diagnosis::Diagnosis made_diagnosis() {
  using analysis::FindingKind;
  using analysis::Severity;
  diagnosis::Problem ports;
  ports.finding = {.severity = Severity::kCritical,
                   .kind = FindingKind::kHeadroom,
                   .netns = "app",
                   .peer = "주문",
                   .text =
                       "Toward \u2068주문\u2069 in network namespace app, 3 % of the local ports "
                       "are left (847 of 28,232 from 10.0.0.5 to 10.0.0.9:8080)."};
  ports.evidence = {"27,000 of the 27,385 sockets are in TIME_WAIT.",
                    "450 connections a second are opened and closed."};
  ports.why =
      "nginx opens a connection for each request and closes it first, so each keeps its port for "
      "60 s.";
  ports.remedies = {
      {.what = "Keep connections to 10.0.0.9:8080 open, and use them again.",
       .where = "/etc/nginx/nginx.conf, http",
       .lines = {"upstream orders {", "    server 10.0.0.9:8080;", "    keepalive 64;", "}"},
       .caution = "Ask nginx -t before it is reloaded."},
      {.what = "Let more ports be used.",
       .where = "",
       .lines = {"sysctl -w net.ipv4.ip_local_port_range=\"10240 65535\" "
                 "net.ipv4.ip_local_reserved_ports=10250,15672"},
       .caution = ""},
  };
  diagnosis::Problem queue;
  queue.finding = {.severity = Severity::kWarning,
                   .kind = FindingKind::kAcceptQueue,
                   .listener = "*:80",
                   .text =
                       "The accept queue of *:80 is nearly full (110 connections wait, its "
                       "limit is 128): the program calls accept() too rarely."};
  queue.why = "Each worker is busy.";
  return {{ports, queue},
          {"8,000 TIME_WAIT sockets are of connections that others opened: they hold no port."},
          {"Ports held by bind() are not all known: run with --audit."}};
}

}  // namespace timewait::report
