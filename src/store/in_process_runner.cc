#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "base/check.h"
#include "store/job_runner.h"

namespace cairn::store {

namespace {

// One thread, which waits for the next job.
class InProcessRunner final : public JobRunner {
 public:
  explicit InProcessRunner(JobPorts ports) : ports_(std::move(ports)), thread_([this] { work(); }) {}
  ~InProcessRunner() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  void start(Job job, Done done) override {
    {
      const std::lock_guard lock(mutex_);
      CAIRN_CHECK(!next_.has_value());
      next_.emplace(std::move(job), std::move(done));
    }
    wake_.notify_one();
  }

 private:
  using Order = std::pair<Job, Done>;

  // A job that was started is done even when the runner is stopping: its `done` is owed.
  std::optional<Order> next() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopping_ || next_.has_value(); });
    return std::exchange(next_, std::nullopt);
  }

  void work() {
    while (auto order = next()) {
      order->second(run_job(order->first, ports_));
    }
  }

  const JobPorts ports_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::optional<Order> next_;  // guarded, as what follows
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<JobRunner> in_process_runner(JobPorts ports) {
  return std::make_unique<InProcessRunner>(std::move(ports));
}

}  // namespace cairn::store
