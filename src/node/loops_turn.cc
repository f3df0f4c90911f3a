#include "node/loops_turn.h"

#include <boost/asio/post.hpp>
#include <future>

namespace cairn::node {

bool all_turn(async::Loops& loops, Millis patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  for (std::size_t i = 0; i < loops.size(); ++i) {
    const auto turned = std::make_shared<std::promise<void>>();
    boost::asio::post(loops.at(i), [turned] { turned->set_value(); });
    if (turned->get_future().wait_until(until) != std::future_status::ready) {
      return false;
    }
  }
  return true;
}

}  // namespace cairn::node
