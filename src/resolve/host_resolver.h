// Resolves host names again and again on a thread of its own; readers never wait for it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <poll.h>

#include "base/result.h"
#include "base/unique_fd.h"
#include "resolve/host_addresses.h"
#include "resolve/host_record.h"
#include "resolve/lookup.h"
#include "resolve/options.h"

namespace timewait::resolve {

class HostResolver {
 public:
  // Begins to resolve all the names, at most 16 at a time; when each is resolved again says
  // HostRecord. Fails if there are too few file descriptors or threads. The thread takes no
  // signals.
  static base::Result<std::unique_ptr<HostResolver>> start(const std::vector<std::string>& names,
                                                           Options options = {});

  // Ends the thread at once, whatever it waits for.
  ~HostResolver();
  HostResolver(const HostResolver&) = delete;
  HostResolver& operator=(const HostResolver&) = delete;

  // What is known now, with an entry for every name. Never null; another pointer than before only
  // if some name was looked up meanwhile. Thread-safe.
  std::shared_ptr<const HostAddresses> latest() const;

  // Waits until every name was looked up once, whatever came of it; false if that takes longer.
  // Thread-safe.
  bool wait_for_first_attempts(std::chrono::milliseconds limit) const;

 private:
  struct Host {
    std::string name;
    HostRecord record;
    std::unique_ptr<Lookup> lookup;  // nothing unless one is under way
  };

  HostResolver(const std::vector<std::string>& names, Options options, base::UniqueFd stop);

  void run();
  void take_outcomes();
  void start_lookups();
  bool wait();
  Host* next_due();
  std::chrono::milliseconds time_to_wait();
  void publish();

  const Options options_;
  const base::UniqueFd stop_;  // an eventfd; readable means that the thread is to end

  // The thread's own.
  std::vector<Host> hosts_;
  std::size_t lookups_ = 0;  // under way

  mutable std::mutex mutex_;
  mutable std::condition_variable published_;
  std::shared_ptr<const HostAddresses> latest_;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace timewait::resolve
