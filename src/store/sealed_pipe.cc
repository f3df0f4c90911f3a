// Tested by sealed_pipe_test.cc and job_test.cc.
#include "store/sealed_pipe.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

namespace cairn::store {

namespace {

constexpr std::size_t kReadBytes = 64U << 10;  // what a pipe holds

// A full disk is nothing that a job of half the rows would mend: it is tried again later.
Error disk_error(int error_number, std::string_view what, std::string_view path) {
  auto error = system_error(error_number, what, path);
  error.code = error.code == Errc::limit ? Errc::unavailable : error.code;
  return error;
}

Error pipe_error(const char* what, const std::string& path) {
  return disk_error(errno, what, path);
}

}  // namespace

// The reader opens first and without waiting; then nobody who opens it for writing waits.
Result<std::unique_ptr<SealedPipe>> SealedPipe::open(const std::string& file, const crypto::Secret& key) {
  File out(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!out.is_open()) {
    return pipe_error("make a sealed file", file);
  }
  const auto path = file + ".pipe";
  if (::mkfifo(path.c_str(), 0600) != 0) {
    return pipe_error("make a pipe", path);
  }
  File reading(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  File writing(reading.is_open() ? ::open(path.c_str(), O_WRONLY | O_CLOEXEC) : -1);
  if (!writing.is_open() || ::fcntl(reading.descriptor(), F_SETFL, 0) != 0) {
    auto error = pipe_error("open a pipe", path);
    ::unlink(path.c_str());
    return error;
  }
  return std::unique_ptr<SealedPipe>(
      new SealedPipe(path, std::move(reading), std::move(writing), std::move(out), key));
}

SealedPipe::SealedPipe(std::string path, File reading, File writing, File file, const crypto::Secret& key)
    : path_(std::move(path)),
      reading_(std::move(reading)),
      writing_(std::move(writing)),
      file_(std::move(file)),
      sealer_(key),
      thread_([this] { move_bytes(); }) {}

SealedPipe::~SealedPipe() {
  writing_.reset();
  if (thread_.joinable()) {
    thread_.join();
  }
  ::unlink(path_.c_str());
}

Result<std::uint64_t> SealedPipe::finish() {
  writing_.reset();
  thread_.join();
  if (failed_) {
    return *std::move(failed_);
  }
  sealer_.finish(ready_);
  CAIRN_TRY_VOID(write_ready());
  return bytes_;
}

void SealedPipe::move_bytes() {
  const auto buffer = std::make_unique_for_overwrite<char[]>(kReadBytes);
  while (true) {
    const auto got = ::read(reading_.descriptor(), buffer.get(), kReadBytes);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0 && !failed_) {
      failed_ = pipe_error("read a pipe", path_);
    }
    if (got <= 0) {
      return;
    }
    if (failed_) {
      continue;
    }
    bytes_ += static_cast<std::uint64_t>(got);
    sealer_.add(std::string_view(buffer.get(), static_cast<std::size_t>(got)), ready_);
    if (auto written = write_ready(); !written) {
      failed_ = std::move(written).error();
    }
  }
}

Result<void> SealedPipe::write_ready() {
  for (std::string_view rest = ready_; !rest.empty();) {
    const auto written = ::write(file_.descriptor(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return disk_error(written < 0 ? errno : ENOSPC, "write a sealed file", path_);
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  ready_.clear();
  return {};
}

}  // namespace cairn::store
