// The screen, kept up to date, and what keys do to it. Not thread-safe.
#pragma once

#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <thread>

#include "analysis/exporter_state.h"
#include "terminal/session.h"
#include "terminal/top/frame.h"
#include "terminal/top/namespace_list.h"
#include "terminal/top/screen.h"
#include "terminal/top/signals.h"
#include "terminal/top/view.h"
#include "terminal/top/wakeup.h"

namespace timewait::terminal::top {

class LiveView {
 public:
  // How it ended: by a person's wish (0), or by a signal, which is SIGHUP where the terminal is
  // gone.
  using EndedBy = int;

  // All of them outlive it. The session polls already, and wakes `wakeup` when it has; `signals`
  // has those that run() obeys: SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT, SIGWINCH.
  LiveView(Session& session, Screen& screen, SignalQueue& signals, const Wakeup& wakeup,
           std::string own_name, bool utf8);

  EndedBy run();

 private:
  using Clock = std::chrono::steady_clock;

  void draw();
  void wait() const;
  bool take_keys();
  void obey(Request request);
  void take_namespaces();
  void show_chosen();
  std::optional<EndedBy> take_signals();

  Session& session_;
  Screen& screen_;
  SignalQueue& signals_;
  const Wakeup& wakeup_;
  const std::string own_name_;
  const bool utf8_;

  View view_;
  Extent extent_;
  analysis::ExporterState state_;  // that is shown
  Clock::time_point as_of_;
  NamespaceChoice shown_;
  std::optional<NamespaceList> namespaces_;
  std::future<NamespaceList> search_;  // for them, that is under way
  std::jthread searcher_;
};

}  // namespace timewait::terminal::top
