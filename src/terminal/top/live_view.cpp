#include "terminal/top/live_view.h"

#include <array>
#include <csignal>
#include <ctime>
#include <utility>

#include <poll.h>
#include <unistd.h>

namespace timewait::terminal::top {
namespace {

constexpr int kTickMs = 1000;  // the clock of the screen

std::string time_of_day() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::localtime_r(&now, &parts);
  std::array<char, sizeof "00:00:00"> text{};
  std::strftime(text.data(), text.size(), "%T", &parts);
  return text.data();
}

// A terminal that is gone is always ready to be read, and there is never anything to read.
bool is_gone(int terminal) {
  pollfd fd{terminal, POLLIN, 0};
  return ::poll(&fd, 1, 0) == 1 && (fd.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

}  // namespace

LiveView::LiveView(Session& session, Screen& screen, SignalQueue& signals, const Wakeup& wakeup,
                   std::string own_name, bool utf8)
    : session_(session),
      screen_(screen),
      signals_(signals),
      wakeup_(wakeup),
      own_name_(std::move(own_name)),
      utf8_(utf8) {}

LiveView::EndedBy LiveView::run() {
  for (;;) {
    if (!view_.is_paused) {
      state_ = session_.state();
      as_of_ = Clock::now();
    }
    take_namespaces();
    draw();
    wait();
    wakeup_.clear();
    if (const std::optional<EndedBy> end = take_signals()) return *end;
    if (!take_keys()) return 0;
    if (is_gone(STDIN_FILENO)) return SIGHUP;
  }
}

void LiveView::draw() {
  const Scene scene{.state = state_,
                    .netns = shown_,
                    .own_name = own_name_,
                    .others = namespaces_,
                    .time_of_day = time_of_day(),
                    .now = Clock::now(),
                    .as_of = as_of_};
  const Frame frame =
      draw_frame(view_, scene, {.columns = screen_.columns(), .utf8 = utf8_}, screen_.rows());
  extent_ = frame.extent;
  screen_.draw(frame.lines, frame.cursor);
}

void LiveView::wait() const {
  std::array<pollfd, 3> fds = {
      {{STDIN_FILENO, POLLIN, 0}, {signals_.fd(), POLLIN, 0}, {wakeup_.fd(), POLLIN, 0}}};
  ::poll(fds.data(), fds.size(), kTickMs);
}

// False: that was enough.
bool LiveView::take_keys() {
  while (const std::optional<Key> key = screen_.next_key()) {
    const Request request = press(view_, *key, extent_);
    if (request == Request::kQuit) return false;
    obey(request);
  }
  return true;
}

void LiveView::obey(Request request) {
  if (request == Request::kShowChosen) show_chosen();
  if (request != Request::kFindNamespaces || search_.valid()) return;
  namespaces_.reset();
  extent_.namespaces = 0;  // there are none to choose from until they are drawn again
  std::packaged_task<NamespaceList()> search(
      [this] { return find_namespaces(session_.plan().namespaces.configured); });
  search_ = search.get_future();
  searcher_ = std::jthread([search = std::move(search), this]() mutable {
    search();
    wakeup_.wake();
  });
}

void LiveView::take_namespaces() {
  constexpr std::chrono::seconds kNow{0};
  if (!search_.valid() || search_.wait_for(kNow) != std::future_status::ready) return;
  namespaces_ = search_.get();
}

void LiveView::show_chosen() {
  shown_ = namespaces_->choices[view_.chosen];
  polling::PollPlan plan = session_.plan();
  plan.namespaces = {};
  if (!shown_.path.empty()) plan.namespaces.configured = {{shown_.name, shown_.path}};
  session_.loop().request(std::move(plan));
  view_.page = View::Page::kTables;
  view_.scroll = 0;
  view_.is_paused = false;
}

// Of several that came while we were stopped, those that end us come first: their numbers are
// lower.
std::optional<LiveView::EndedBy> LiveView::take_signals() {
  bool is_another_screen = false;
  while (const int signal = signals_.next()) {
    switch (signal) {
      case SIGINT:
        return 0;
      case SIGHUP:
      case SIGTERM:
        return signal;
      case SIGTSTP:
        screen_.suspend();
        stop_self();
        break;
      default:
        break;
    }
    is_another_screen = true;
  }
  if (is_another_screen) screen_.begin_anew();
  return std::nullopt;
}

}  // namespace timewait::terminal::top
