// A blob store in memory, for tests: refuses overwrites, fails on request, and every call suspends at least
// once.
//
// Thread-safe. Readers and writers may outlive it.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "blob/blob.h"

namespace cairn::blob::memory {

struct Faults {
  enum class Kind {
    unavailable,          // it is not there
    limit,                // "the disk is full", and it is not there
    unknown_not_applied,  // "unknown", and it is not there
    unknown_applied,      // "unknown", and it is there
  };
  std::size_t every = 0;  // the nth commit of a writer from now on fails, and then every nth again; 0: none
  Kind kind = Kind::unavailable;
};

class MemoryBlob final : public Blob {
 public:
  explicit MemoryBlob(Limits limits = {});

  void fail(Faults faults);
  // What a restart after a crash at this moment would find. Carries no faults.
  std::unique_ptr<MemoryBlob> durable_copy() const;

  Task<Result<std::unique_ptr<Writer>>> writer(Name name) override;
  Task<Result<std::unique_ptr<Reader>>> reader(Name name, Range range) override;
  Task<Result<void>> remove(Name name) override;
  Task<Result<std::vector<Listed>>> list(std::string prefix, Name after, std::size_t limit) override;
  Task<Result<LocalFile>> local_file(Name name) override;

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace cairn::blob::memory
