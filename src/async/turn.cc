#include "async/turn.h"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace cairn::async {

Task<void> turn() {
  const auto executor = co_await boost::asio::this_coro::executor;
  co_await boost::asio::post(executor, boost::asio::use_awaitable);
}

bool Share::takes(std::size_t more) {
  thread_local std::size_t taken = 0;
  taken += more;
  if (taken < kMax) {
    return false;
  }
  taken = 0;
  return true;
}

}  // namespace cairn::async
