// Tested by worker_test.cc.
#include "worker/worker.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "worker/conversation.h"

namespace cairn::worker {
namespace {

constexpr Millis kDeadlineMax{24LL * 3600 * 1000};  // so that "for ever" does not overflow the clock

}  // namespace

// The thread: takes one job after the other, and keeps the child.
class Worker::Thread {
 public:
  Thread(Options options, Metrics& metrics)
      : options_(std::move(options)),
        measures_(metrics),
        stop_(::eventfd(0, EFD_CLOEXEC)),
        thread_([this] { work(); }) {
    CAIRN_CHECK(stop_.is_open());
  }

  ~Thread() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    const std::uint64_t one = 1;
    CAIRN_CHECK(::write(stop_.descriptor(), &one, sizeof one) == sizeof one);
    changed_.notify_all();
    thread_.join();
  }

  void add(std::string text, Millis deadline, Done done) {
    auto refused = Error{Errc::limit, "have a worker do a job: too many wait"};
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) {
        refused = Error{Errc::cancelled, "the worker is being closed"};
      } else if (waiting_.size() < options_.waiting_max) {
        const auto now = std::chrono::steady_clock::now();
        waiting_.push_back({std::move(text), now + std::min(deadline, kDeadlineMax), std::move(done)});
        changed_.notify_all();
        return;
      }
    }
    done(std::move(refused));
  }

 private:
  struct Job {
    std::string text;
    Moment deadline;
    Done done;
  };

  void work() {
    while (const auto job = next()) {
      const auto began = std::chrono::steady_clock::now();
      auto result = attempt(*job);
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
      measures_.job_seconds.observe(took.count());
      (result ? measures_.answered : measures_.failed).add();
      job->done(std::move(result));
    }
    child_.reset();
    for (auto& job : take_all()) {
      job.done(Error{Errc::cancelled, "the worker is being closed"});
    }
  }

  // Ends the child while it waits long. Nothing: everything shall end.
  std::optional<Job> next() {
    std::unique_lock lock(mutex_);
    const auto there = [this] { return stopping_ || !waiting_.empty(); };
    while (!changed_.wait_for(lock, options_.idle_max, there)) {
      lock.unlock();
      child_.reset();
      lock.lock();
    }
    if (stopping_) {
      return std::nullopt;
    }
    auto job = std::move(waiting_.front());
    waiting_.pop_front();
    return job;
  }

  Result<std::string> attempt(const Job& job) {
    if (std::chrono::steady_clock::now() >= job.deadline) {
      return Error{Errc::cancelled, "have a worker do a job: its deadline passed while it waited"};
    }
    if (child_ && !child_->is_well()) {
      child_.reset();
    }
    if (!child_) {
      auto begun = begin(job.deadline);
      if (!begun) {  // whatever it was, the job had no part in it
        return Error{Errc::cancelled, begun.error().what, begun.error().subject};
      }
      child_ = *std::move(begun);
    }
    auto result = child_->ask(job.text, job.deadline);
    if (child_->is_over()) {
      note_end(child_->has_answered());
      child_.reset();
    }
    return result;
  }

  Result<std::unique_ptr<Conversation>> begin(Moment deadline) {
    if (sleep_until(std::min(not_before_, deadline))) {
      return Error{Errc::cancelled, "the worker is being closed"};
    }
    const auto now = std::chrono::steady_clock::now();
    if (now >= deadline) {
      return Error{Errc::unavailable, "have a worker do a job: none could be started in time"};
    }
    auto begun = Conversation::begin({options_, measures_, stop_.descriptor()},
                                     std::min(deadline, now + options_.start_patience));
    if (!begun) {
      note_end(false);
    }
    return begun;
  }

  void note_end(bool had_answered) {
    delay_ = had_answered ? Millis{0}
                          : std::clamp(delay_ * 2, options_.restart_delay_min, options_.restart_delay_max);
    not_before_ = std::chrono::steady_clock::now() + delay_;
  }

  // True: everything shall end.
  bool sleep_until(Moment moment) {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, moment, [this] { return stopping_; });
  }

  std::deque<Job> take_all() {
    const std::lock_guard lock(mutex_);
    return std::exchange(waiting_, {});
  }

  const Options options_;
  Measures measures_;
  const File stop_;

  // The thread's own.
  std::unique_ptr<Conversation> child_;
  Millis delay_{0};
  Moment not_before_{};

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> waiting_;  // guarded by mutex_, as below
  bool stopping_ = false;

  std::thread thread_;  // last: it uses the others
};

Worker::Worker(Options options, Metrics& metrics)
    : thread_(std::make_unique<Thread>(std::move(options), metrics)) {}
Worker::~Worker() = default;

void Worker::run(std::string job, Millis deadline, Done done) {
  thread_->add(std::move(job), deadline, std::move(done));
}

}  // namespace cairn::worker
