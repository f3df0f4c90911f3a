#include "node/progress_bar.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <string>

namespace cairn::node {

ProgressBar::ProgressBar(const std::atomic<std::size_t>& done, const std::atomic<std::size_t>& known)
    : done_(done), known_(known) {
  if (::isatty(STDERR_FILENO) != 0) {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
}

ProgressBar::~ProgressBar() {
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
    fmt::print(stderr, "\r\033[K");
  }
}

void ProgressBar::draw() const {
  constexpr std::size_t kWidth = 40;
  const std::size_t done = done_;
  const std::size_t known = known_;
  const auto filled = known == 0 ? 0 : std::min(kWidth, kWidth * done / known);
  fmt::print(stderr, "\r\033[K[{}{}] {} of {} files", std::string(filled, '#'),
             std::string(kWidth - filled, '.'), done, known);
  std::fflush(stderr);
}

void ProgressBar::run(const std::stop_token& stop) const {
  constexpr std::chrono::milliseconds kEvery{100};
  while (!stop.stop_requested()) {
    draw();
    std::this_thread::sleep_for(kEvery);
  }
}

}  // namespace cairn::node
