// The file scanner on foreign bytes: never a crash, never an entry that was not written.
//
// The first byte chooses: a file of the input's bytes as they are; or a good file, made from the input, and
// then cut or changed where the input says. Of the second kind, what is read must be a beginning of what was
// written, in whole groups.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>

#include "journal/file/file_cursor.h"
#include "journal/file/start.h"

namespace cairn::journal {
namespace {

constexpr std::uint64_t kSalt = 42;

Result<FileCursor> open_bytes(std::string_view bytes) {
  Fd fd(::memfd_create("fuzz", MFD_CLOEXEC));
  if (::write(fd.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    std::abort();
  }
  return FileCursor::adopt(std::move(fd), "fuzz");
}

std::vector<std::string> read_good(std::string_view bytes) {
  std::vector<std::string> payloads;
  auto cursor = open_bytes(bytes);
  if (!cursor) {
    return payloads;
  }
  const auto tail = find_tail(*cursor);
  if (!tail) {
    return payloads;
  }
  auto again = open_bytes(bytes);
  std::vector<Entry> entries;
  do {
    // The bounds that find_tail() gave must be good to the last byte.
    if (!again->read({.bytes = tail->end.offset, .end = tail->end.position}, 100, entries)) {
      std::abort();
    }
    for (const auto& entry : entries) {
      payloads.emplace_back(entry.payload);
    }
  } while (!entries.empty());
  return payloads;
}

struct Written {
  std::string bytes;
  std::vector<std::string> payloads;
  std::vector<std::size_t> ends;  // payloads after each group
};

// Each input byte is an entry's length; a zero ends a group.
Written write_file(std::string_view input) {
  const FileHead head{.first = Position{7}, .base_time = Time{Millis{1}}, .salt = kSalt};
  const auto head_bytes = encode(head);
  Written file{.bytes = {head_bytes.data(), head_bytes.size()}, .payloads = {}, .ends = {0}};
  std::vector<std::string> group;
  for (const char c : input) {
    if (c != 0) {
      group.emplace_back(static_cast<unsigned char>(c) % 64, c);
      continue;
    }
    const auto entries = serialise(group);
    const GroupHead group_head{.first = Position{7 + file.payloads.size()},
                               .time = Time{Millis{2}},
                               .bytes = static_cast<std::uint32_t>(entries.bytes.size()),
                               .count = entries.count,
                               .sum = entries.sum};
    if (entries.count > 0) {
      const auto bytes = encode(group_head, kSalt);
      file.bytes.append(bytes.data(), bytes.size()).append(entries.bytes);
      file.payloads.insert(file.payloads.end(), group.begin(), group.end());
      file.ends.push_back(file.payloads.size());
      group.clear();
    }
  }
  return file;
}

void damage(std::string& bytes, std::string_view how) {
  for (; how.size() >= 3; how.remove_prefix(3)) {
    const auto at =
        (static_cast<unsigned char>(how[0]) << 8 | static_cast<unsigned char>(how[1])) % bytes.size();
    if (how[2] == 0) {
      bytes.resize(std::max<std::size_t>(at, 1));
    } else {
      bytes[at] = static_cast<char>(bytes[at] ^ how[2]);
    }
  }
}

void check_damaged(std::string_view input) {
  const auto damage_bytes = std::min<std::size_t>(input.size(), 6);
  auto file = write_file(input.substr(damage_bytes));
  damage(file.bytes, input.substr(0, damage_bytes));
  const auto read = read_good(file.bytes);
  if (read.size() > file.payloads.size() || !std::equal(read.begin(), read.end(), file.payloads.begin()) ||
      std::find(file.ends.begin(), file.ends.end(), read.size()) == file.ends.end()) {
    std::abort();
  }
}

}  // namespace
}  // namespace cairn::journal

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (size > 0 && input[0] % 2 == 0) {
    cairn::journal::read_good(input.substr(1));
  } else if (size > 0) {
    cairn::journal::check_damaged(input.substr(1));
  }
  return 0;
}
