// multipart/form-data (RFC 7578) with one file, as it streams in: the fields in front of the file are kept,
// the file's bytes are handed on. What comes behind the file is read over, as S3 does.
//
// For one body; not thread-safe. Fuzzed by form_data_fuzz.cc.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace cairn::codec {

// Of a Content-Type: "multipart/form-data; boundary=…". Nothing: it is none, or has no boundary that can be.
std::optional<std::string> form_boundary(std::string_view content_type);

class FormData {
 public:
  static constexpr std::size_t kFieldsBytesMax = 20U << 10;  // names and values of the fields, heads included
  static constexpr std::size_t kBoundaryCharsMax = 70;
  using Sink = std::function<void(std::span<const std::byte>)>;

  explicit FormData(std::string_view boundary);

  // Errc::invalid: no form. Errc::limit: the fields are too long. After an error it takes no more.
  Result<void> push(std::span<const std::byte> bytes, const Sink& file);
  // No more bytes. Errc::invalid: it ends early.
  Result<void> finish() const;

  // In their order; names as they were sent.
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }
  // The field named "file" has begun: the fields are all there.
  bool in_file() const { return file_name_.has_value(); }
  const std::string& file_name() const { return *file_name_; }

 private:
  enum class State { start, head, field, file, behind, over };
  Result<bool> step(const Sink& file);
  Result<bool> read_head();
  bool take_content(const Sink& file);
  Result<void> count(std::size_t bytes);

  const std::string delimiter_;  // "\r\n--boundary"
  State state_ = State::start;
  std::string buffer_;
  std::string name_;
  std::size_t fields_bytes_ = 0;
  std::vector<std::pair<std::string, std::string>> fields_;
  std::optional<std::string> file_name_;
};

}  // namespace cairn::codec
