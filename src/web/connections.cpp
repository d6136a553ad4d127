#include "web/connections.h"

#include <iterator>
#include <utility>

#include <sys/socket.h>

namespace timewait::web {

Connections::Connection& Connections::opened(int fd) {
  std::list<Connection>& waiting = in(State::kWaiting);
  std::list<Connection>& answering = in(State::kAnswering);
  Connection& connection = waiting.emplace_back();
  connection.fd_ = fd;
  connection.position_ = std::prev(waiting.end());
  if (waiting.size() + answering.size() > max_open_) {
    const bool others_wait = waiting.size() > 1;
    shut_down(others_wait || answering.empty() ? waiting.front() : answering.front());
  }
  return connection;
}

void Connections::deferred(Connection& connection, std::function<void()> give_up) {
  if (connection.state_ == State::kShutDown) return;
  move_to(State::kAnswering, connection);
  connection.give_up_ = std::move(give_up);
}

void Connections::answering(Connection& connection, Body body) {
  if (connection.state_ == State::kShutDown) return;
  move_to(State::kAnswering, connection);
  hold(connection, std::move(body));
  std::list<Connection>& answering = in(State::kAnswering);
  while (body_bytes_ > max_body_bytes_ && answering.size() > 1) shut_down(answering.front());
}

void Connections::answered(Connection& connection) {
  if (connection.state_ == State::kShutDown) return;
  move_to(State::kWaiting, connection);
}

void Connections::closed(Connection& connection) {
  move_to(State::kShutDown, connection);
  in(State::kShutDown).erase(connection.position_);
}

void Connections::move_to(State state, Connection& connection) {
  let_go(connection);
  connection.give_up_ = nullptr;
  in(state).splice(in(state).end(), in(connection.state_), connection.position_);
  connection.state_ = state;
}

void Connections::hold(Connection& connection, Body body) {
  if (++holders_[body] == 1) body_bytes_ += body->size();
  connection.body_ = std::move(body);
}

void Connections::let_go(Connection& connection) {
  if (!connection.body_) return;
  const auto held = holders_.find(connection.body_);
  if (--held->second == 0) {
    body_bytes_ -= connection.body_->size();
    holders_.erase(held);
  }
  connection.body_.reset();
}

void Connections::shut_down(Connection& connection) {
  const std::function<void()> give_up = std::move(connection.give_up_);
  move_to(State::kShutDown, connection);
  // Without SO_LINGER the kernel would go on holding what the client does not read.
  const linger reset_on_close{1, 0};
  ::setsockopt(connection.fd_, SOL_SOCKET, SO_LINGER, &reset_on_close, sizeof(reset_on_close));
  ::shutdown(connection.fd_, SHUT_RDWR);
  if (give_up) give_up();
}

}  // namespace timewait::web
