// The tests' program is its own worker process: `cairn_worker_test child` does what its jobs say, and
// `cairn_worker_test parent` keeps such a child busy until it is killed.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include "worker/child.h"
#include "worker/child_process.h"
#include "worker/frame.h"
#include "worker/worker.h"

namespace {

using cairn::Errc;
using cairn::Error;
using cairn::Result;

extern "C" char** environ;  // NOLINT

void write_channel(std::string_view bytes) {
  const auto sent = ::send(cairn::worker::kChannel, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  static_cast<void>(sent);
}

Result<std::string> eat(std::size_t bytes) {
  std::string eaten(bytes, 'x');
  ::pause();
  return eaten;
}

std::string open_descriptors() {
  std::string out;
  for (int descriptor = 0; descriptor < 256; ++descriptor) {
    if (std::error_code none; std::filesystem::exists("/proc/self/fd/" + std::to_string(descriptor), none)) {
      out += std::to_string(descriptor) + " ";
    }
  }
  return out;
}

std::string variables() {
  std::string out;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    out += std::string(*variable) + "\n";
  }
  return out;
}

Result<std::string> do_job(std::string_view job) {
  if (job == "die") {
    ::_exit(7);
  } else if (job == "crash") {
    std::raise(SIGKILL);
  } else if (job == "hang") {
    ::pause();
  } else if (job == "garbage") {
    write_channel("terminate called after throwing an instance of …");
    ::pause();
  } else if (job == "flood") {
    while (true) {
      write_channel(std::string("CRNW\x02\x03\0\0\xFF\xFF\xFF\0", 12) + std::string(100'000, 'x'));
    }
  } else if (job == "twice" || job == "fail twice" || job == "another's") {
    const auto kind = job == "fail twice" ? cairn::worker::FrameKind::failure : cairn::worker::FrameKind::answer;
    const auto number = static_cast<cairn::worker::JobNumber>(job == "another's" ? 2 : 3);  // this is the third
    const auto answer = cairn::worker::encode(kind, number, "one").value();
    write_channel(job == "another's" ? answer : answer + answer);
    ::pause();
  } else if (job == "eat") {
    return eat(200U << 20);
  } else if (job == "throw") {
    throw std::runtime_error("no good");
  } else if (job == "fail") {
    return Error{Errc::corrupt, "read a file", "x.parquet"};
  } else if (job == "too much") {
    return std::string(cairn::worker::kFrameTextBytesMax + 1, 'x');
  } else if (job == "pid") {
    return std::to_string(::getpid());
  } else if (job == "descriptors") {
    return open_descriptors();
  } else if (job == "environment") {
    return variables();
  } else if (job == "nice") {
    return std::to_string(::nice(0));
  }
  return "did " + std::string(job);
}

int be_child(std::uint64_t data_bytes_max) {
  CAIRN_CHECK(cairn::worker::confine({.data_bytes_max = data_bytes_max, .nice = 3}).has_value());
  return cairn::worker::serve_jobs(cairn::worker::kChannel, do_job);
}

int be_parent() {
  cairn::Metrics metrics;
  cairn::worker::Worker worker({.command = {"/proc/self/exe", "child"}}, metrics);
  worker.run("pid", cairn::Millis{60'000}, [&](Result<std::string> pid) {
    const auto line = pid.value() + "\n";
    CAIRN_CHECK(::write(STDOUT_FILENO, line.data(), line.size()) > 0);
    worker.run("hang", cairn::Millis{600'000}, [](const Result<std::string>&) {});
  });
  ::pause();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view role = argc > 1 ? argv[1] : "";
  if (role == "child") {
    return be_child(argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 0);
  }
  if (role == "parent") {
    return be_parent();
  }
  if (role == "exit") {
    return 3;
  }
  if (role == "silent") {
    ::pause();
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
