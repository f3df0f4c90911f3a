// A bar on the terminal, for those who wait: drawn a few times a second on standard error, and gone at the
// end. Nothing where standard error is no terminal.
#pragma once

#include <atomic>
#include <thread>

namespace cairn::node {

class ProgressBar {
 public:
  // Both outlive it.
  ProgressBar(const std::atomic<std::size_t>& done, const std::atomic<std::size_t>& known);
  ~ProgressBar();

 private:
  void draw() const;
  void run(const std::stop_token& stop) const;

  const std::atomic<std::size_t>& done_;
  const std::atomic<std::size_t>& known_;
  std::jthread thread_;  // the last: it uses the others
};

}  // namespace cairn::node
