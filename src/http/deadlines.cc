#include "http/deadlines.h"

#include "base/check.h"

namespace cairn::http {

Deadline::Deadline(Socket& socket)
    : owner_(boost::asio::use_service<Deadlines>(
          boost::asio::query(socket.get_executor(), boost::asio::execution::context))),
      socket_(socket) {}

void Deadline::arm(Instant at) {
  at_ = at;
  fired_ = false;
  if (!linked_) {
    owner_.link(*this);
  }
}

void Deadline::disarm() {
  if (linked_) {
    owner_.unlink(*this);
  }
}

Deadlines::Deadlines(boost::asio::execution_context& context)
    : service(context), timer_(static_cast<boost::asio::io_context&>(context)) {}

// What still waits is destroyed after this, and unlinks itself from what is then an idle list.
void Deadlines::shutdown() {
  ticking_ = true;
}

void Deadlines::link(Deadline& deadline) {
  CAIRN_CHECK(!deadline.linked_);
  deadline.previous_ = nullptr;
  deadline.next_ = first_;
  if (first_ != nullptr) {
    first_->previous_ = &deadline;
  }
  first_ = &deadline;
  deadline.linked_ = true;
  if (!ticking_) {
    tick();
  }
}

void Deadlines::unlink(Deadline& deadline) {
  (deadline.previous_ != nullptr ? deadline.previous_->next_ : first_) = deadline.next_;
  if (deadline.next_ != nullptr) {
    deadline.next_->previous_ = deadline.previous_;
  }
  deadline.linked_ = false;
}

void Deadlines::tick() {
  ticking_ = true;
  timer_.expires_after(kTick);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) {
      look();
    }
  });
}

void Deadlines::look() {
  ticking_ = false;
  const auto now = std::chrono::steady_clock::now();
  for (auto* deadline = first_; deadline != nullptr;) {
    auto* const next = deadline->next_;
    if (deadline->at_ <= now) {
      unlink(*deadline);
      deadline->fired_ = true;
      boost::system::error_code ignored;
      deadline->socket_.cancel(ignored);
    }
    deadline = next;
  }
  if (first_ != nullptr) {
    tick();
  }
}

}  // namespace cairn::http
