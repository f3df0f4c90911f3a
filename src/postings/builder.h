// Builder: makes the file of an Index. Rows are given in their order, the order of the sorted set itself:
//
//   (scope (row term*)*)* section* finish
//
// Holds 8 bytes a posting and 16 a row until finish(). Used by one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "postings/postings.h"

namespace cairn::postings {

class Builder {
 public:
  // The rows that follow belong to this scope. REQUIRES: each scope once, kScopeBytesMax at most.
  void scope(std::string_view text);
  // The next row; its number. REQUIRES: a scope; keys rise within it (equal ones are allowed); kRowsMax at
  // most.
  Row row(const Key& key);
  // The last row has this term. A term that comes twice in a row counts once.
  void term(Term term);
  // Bytes of the caller's. REQUIRES: tag >= kFirstTag, each tag once.
  void section(Tag tag, std::string bytes);

  // The file's bytes. The builder is used up.
  std::string finish() &&;

  static constexpr std::size_t kScopeBytesMax = 1024;

 private:
  struct Scope {
    std::string text;
    Range rows;
  };
  struct Section {
    Tag tag;
    std::string bytes;
  };

  std::string scope_part();

  std::vector<Scope> scopes_;
  std::vector<Key> keys_;
  std::vector<std::uint64_t> postings_;  // fingerprint, row
  std::vector<Section> sections_;
};

// Writes the bytes of finish() to a new file, and syncs it. Errc::limit: the disk is full.
Result<void> write_file(const std::string& path, std::string_view bytes);

}  // namespace cairn::postings
