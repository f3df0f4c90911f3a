// SealedPipe: a named pipe that an engine writes a file to, and the sealed file that comes of it
// (crypto/sealed_file.h), so that what the engine writes is nowhere on the disk as it is. Internal to store/.
// A thread of its own moves the bytes; all else is one thread's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/file.h"
#include "base/result.h"
#include "crypto/sealed_file.h"

namespace cairn::store {

class SealedPipe {
 public:
  // Makes the file, and the pipe beside it: "<file>.pipe". Errc::conflict: one of them is there.
  static Result<std::unique_ptr<SealedPipe>> open(const std::string& file, const crypto::Secret& key);
  // The pipe goes; a file that was not finished is no whole one, and opens for nobody.
  ~SealedPipe();
  SealedPipe(const SealedPipe&) = delete;
  SealedPipe& operator=(const SealedPipe&) = delete;

  // To be opened for writing, written forwards and closed.
  const std::string& path() const { return path_; }
  // Waits until all is in the file; how many bytes were written. Errc::unavailable: the disk is full.
  // REQUIRES: called once, when the writer has closed the pipe.
  Result<std::uint64_t> finish();

 private:
  SealedPipe(std::string path, File reading, File writing, File file, const crypto::Secret& key);
  void move_bytes();
  Result<void> write_ready();

  const std::string path_;
  const File reading_;
  std::optional<File> writing_;  // of our own, so that the end is where finish() says
  const File file_;
  // The thread's, until it has ended:
  crypto::FileSealer sealer_;
  std::string ready_;
  std::uint64_t bytes_ = 0;
  std::optional<Error> failed_;  // what comes after it is read and dropped, so that nobody waits
  std::thread thread_;
};

}  // namespace cairn::store
