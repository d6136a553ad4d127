// The open connections of one listening socket, and which of them has to go when there are too
// many.
//
// A client may hold a connection for as long as it likes, silent, sending one byte per second or
// reading one, while nobody else needs the room. When somebody does, the connection that has waited
// longest for its client's next request is shut down; if none waits, the one whose answer has been
// under way longest. A scrape is over within milliseconds, so it is always among the youngest.
//
// Not thread-safe: one thread makes every call.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <list>
#include <map>

#include "web/content.h"

namespace timewait::web {

class Connections {
 public:
  enum class State { kWaiting, kAnswering, kShutDown };

  class Connection {
   public:
    State state() const { return state_; }
    const Body& body() const { return body_; }  // of the answer under way, else null

   private:
    friend class Connections;

    int fd_ = -1;  // not owned
    State state_ = State::kWaiting;
    Body body_;
    std::function<void()> give_up_;  // what works on the answer elsewhere
    std::list<Connection>::iterator position_;
  };

  // Keeps to `max_open` connections and to `max_body_bytes` in all bodies together, of which one
  // that several share counts once; one body alone may be larger.
  Connections(std::size_t max_open, std::size_t max_body_bytes)
      : max_open_(max_open), max_body_bytes_(max_body_bytes) {}
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  // A new connection waits for its first request. The reference is valid until closed().
  Connection& opened(int fd);
  // Something that takes its time works on the answer. `give_up` is called if the connection is
  // shut down meanwhile; it may not call back. Nothing happens to a connection that was shut down.
  void deferred(Connection& connection, std::function<void()> give_up);
  // An answer starts. Nothing happens to a connection that was shut down.
  void answering(Connection& connection, Body body);
  // The answer is over, sent or not: the connection waits again.
  void answered(Connection& connection);
  // To be called before the descriptor is closed: from then on its number may be another socket's.
  void closed(Connection& connection);

 private:
  std::list<Connection>& in(State state) { return by_state_[static_cast<std::size_t>(state)]; }
  void move_to(State state, Connection& connection);
  void shut_down(Connection& connection);
  void hold(Connection& connection, Body body);
  void let_go(Connection& connection);

  std::size_t max_open_;
  std::size_t max_body_bytes_;
  std::map<Body, std::size_t> holders_;            // how many connections hold each body
  std::size_t body_bytes_ = 0;                     // of those bodies
  std::array<std::list<Connection>, 3> by_state_;  // each with the oldest in front
};

}  // namespace timewait::web
