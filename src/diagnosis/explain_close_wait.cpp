#include <string>

#include "diagnosis/commands.h"
#include "diagnosis/evidence.h"
#include "diagnosis/explain.h"
#include "diagnosis/lookup.h"

namespace timewait::diagnosis {
namespace {

using analysis::Pool;
using analysis::Snapshot;
using inet::TcpState;

// The pool of the peer with most of them; null if none has any.
const Pool* leaking_pool(const Snapshot& snapshot, const std::string& peer) {
  const Pool* most = nullptr;
  for (const Pool& pool : snapshot.pools) {
    const std::uint32_t sockets = pool.sockets[TcpState::kCloseWait];
    if (pool.peer != peer || sockets == 0) continue;
    if (most == nullptr || sockets > most->sockets[TcpState::kCloseWait]) most = &pool;
  }
  return most;
}

std::string filter_for_listener(const Snapshot& snapshot, const std::string& name) {
  const analysis::Listener* const listener = listener_named(snapshot, name);
  return listener == nullptr || listener->ports.empty() ? "" : on_ports(listener->ports);
}

}  // namespace

Explanation explain_close_wait(const Case& a_case, const Snapshot& snapshot) {
  const Cause& cause = a_case.cause;
  Explanation explanation;
  std::string filter;
  if (cause.peer) {
    if (const Pool* const pool = leaking_pool(snapshot, *cause.peer)) {
      explanation.evidence.push_back(taken_in_words(*pool, snapshot));
      filter = toward(pool->key.remote);
    }
  } else if (cause.listener) {
    filter = filter_for_listener(snapshot, *cause.listener);
  }
  explanation.why =
      "In CLOSE_WAIT the other side has closed, and the program on this host has not called "
      "close(). There is no timeout: each keeps a file descriptor until the program closes it or "
      "ends. Usually a response is not closed, an exception is in the way of close(), or all "
      "threads are blocked. No sysctl ends CLOSE_WAIT.";
  explanation.remedies = {
      {.what = "Find the program, and how many it has.",
       .where = a_case.place.as_root(),
       .lines = {a_case.place.command(ss_by_program("close-wait", filter))},
       .caution = "Of a JVM, \"jstack PID\" shows whether its threads hang, and on what."},
      {.what = "Now: restart that program; all of them go at once, without TIME_WAIT.",
       .where = "",
       .lines = {},
       .caution = ""},
      {.what = "Then: close in every case, and let pools look at their idle connections.",
       .where = "the program; Java, for example",
       .lines = {"try (InputStream body = response.body()) { body.readAllBytes(); }",
                 R"(testWhileIdle="true" timeBetweenEvictionRunsMillis="15000")"},
       .caution = ""}};
  return explanation;
}

}  // namespace timewait::diagnosis
