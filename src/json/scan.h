// Scanner: picks a fixed list of fields out of a record's text in one pass, without a tree. What nobody asked
// for is skipped unread, so a record costs a fraction of a microsecond.
//
//   Scanner scanner({"eventID", "userIdentity.accessKeyId"});
//   CAIRN_TRY(auto fields, scanner.scan(record));
//   fields[1]->text
//
// One thread at a time: make one for each. It keeps its buffers between records. Does not validate what it
// skips: hand it texts that split_records() or check_text() accepted; any other text gives an error or a
// wrong answer, but never harm.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cairn::json {

enum class Kind { null, boolean, number, string, object, array };

// One field found.
struct Field {
  Kind kind;
  std::string_view raw;   // as it stands in the record: a view into the text that was scanned
  std::string_view text;  // a string's content, unescaped: valid until the next scan(); for the others, raw
};

class Scanner {
 public:
  // Each path is names joined by '.'; it leads through objects, not arrays. A path may be another's beginning
  // ("userIdentity" and "userIdentity.arn"). `bytes_max` bounds one record (Errc::limit).
  explicit Scanner(std::span<const std::string_view> paths, std::size_t bytes_max = kBytesMax);
  Scanner(std::initializer_list<std::string_view> paths) : Scanner(std::span(paths.begin(), paths.size())) {}
  ~Scanner();
  Scanner(Scanner&&) noexcept;
  Scanner& operator=(Scanner&&) noexcept;

  // The fields in the order of the paths, empty where the record has none; valid until the next scan(). Of
  // members with the same name the last one counts. Errc::invalid: not an object, or broken where the scanner
  // had to look.
  Result<std::span<const std::optional<Field>>> scan(std::string_view record);

  // Did a member on one of the paths occur twice in the last record? Parsers disagree on what such a text
  // means.
  bool repeated() const;

  static constexpr std::size_t kBytesMax = 8U << 20;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace cairn::json
