// IdFile: where the index lies on the disk. One file of blocks: ids by account, and the journal's cursor that
// holds once they are read. It only grows; when more than half of it is old, a new one is begun with what is
// known, under the next number, and the old one goes. docs/formats/dedupe.md has the grammar.
//
// Used by one thread at a time.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "dedupe/block.h"

namespace cairn::dedupe {

class IdFile {
 public:
  // Begins a file that does not count before finish().
  static Result<IdFile> begin(const std::filesystem::path& folder, std::uint64_t number);
  // Goes on in a file that was read up to `bytes`; the rest is cut off.
  static Result<IdFile> reopen(const std::filesystem::path& folder, std::uint64_t number,
                               std::uint64_t bytes);

  IdFile(IdFile&& other) noexcept;
  IdFile& operator=(IdFile&& other) noexcept;
  ~IdFile();

  std::uint64_t number() const { return number_; }
  std::uint64_t bytes() const { return bytes_; }

  Result<void> append(const Block& block);
  // What was appended since the last sync is durable; or, after an error of append() or sync(), must be taken
  // back.
  Result<void> sync();
  // Takes back what was appended since the last sync. After an error the file must not be used again.
  Result<void> take_back();
  // Gives a file that was begun its name, durably, and deletes those before it.
  Result<void> finish();

 private:
  IdFile(int fd, std::filesystem::path folder, std::uint64_t number)
      : fd_(fd), folder_(std::move(folder)), number_(number) {}

  Result<void> write(std::string_view bytes);

  int fd_ = -1;
  std::filesystem::path folder_;
  std::uint64_t number_ = 0;
  std::uint64_t bytes_ = 0;   // written
  std::uint64_t synced_ = 0;  // of them: known to be durable
};

// What is on the disk.
struct Saved {
  std::uint64_t number = 0;  // of the newest file; 0: there is none
  std::uint64_t good_bytes = 0;
  std::uint64_t cut_bytes = 0;  // after them: not to be used
  journal::Position cursor{};
};

// Reads the newest file block by block, up to the first that is not good. Errc::invalid: a newer Cairn wrote
// it. Errc::corrupt: it is no such file.
Result<Saved> load(const std::filesystem::path& folder, const std::function<void(const Block&)>& take);

}  // namespace cairn::dedupe
