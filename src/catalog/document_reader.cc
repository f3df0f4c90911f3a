// Tested by the documents of its owners: a compat/ sample, and a fuzzer, of each.
#include "catalog/document_reader.h"

#include "codec/base64.h"
#include "json/json.h"

namespace cairn::catalog {

DocumentReader::DocumentReader(std::string key, std::string_view text, std::int64_t newest)
    : key_(std::move(key)) {
  auto parsed = json::parse_object(text);
  if (parsed) {
    object_ = *std::move(parsed);
  }
  format_ = json::find_int(object_, "v").value_or(0);
  sound_ = format_ >= 1 && format_ <= newest;
}

bool DocumentReader::has(std::string_view name) const {
  return json::find(object_, name) != nullptr;
}

std::string DocumentReader::text(std::string_view name) {
  const auto found = json::find_string(object_, name);
  expect(found.has_value());
  return std::string(found.value_or(""));
}

bool DocumentReader::truth(std::string_view name) {
  const auto found = json::find_bool(object_, name);
  expect(found.has_value());
  return found.value_or(false);
}

std::int64_t DocumentReader::number(std::string_view name) {
  const auto found = json::find_int(object_, name);
  expect(found.has_value());
  return found.value_or(0);
}

std::uint64_t DocumentReader::count(std::string_view name) {
  const auto found = number(name);
  expect(found >= 0);
  return static_cast<std::uint64_t>(found);
}

std::string DocumentReader::bytes(std::string_view name) {
  return decoded(text(name));
}

Time DocumentReader::time(std::string_view name) {
  return Time(Millis(number(name)));
}

json::object DocumentReader::object(std::string_view name) {
  const auto* const found = json::find_object(object_, name);
  expect(found != nullptr);
  return found != nullptr ? *found : json::object();
}

const json::array& DocumentReader::list(std::string_view name) {
  static const json::array kNone;
  const auto* const found = json::find_array(object_, name);
  expect(found != nullptr);
  return found != nullptr ? *found : kNone;
}

std::vector<std::string> DocumentReader::texts(std::string_view name) {
  std::vector<std::string> all;
  for (const auto& one : list(name)) {
    expect(one.is_string());
    all.emplace_back(one.is_string() ? json::text_of(one.get_string()) : "");
  }
  return all;
}

std::vector<std::pair<std::string, std::string>> DocumentReader::pairs(std::string_view name) {
  std::vector<std::pair<std::string, std::string>> all;
  rows(name, 2, [&](const json::array& row) { all.emplace_back(text_in(row, 0), text_in(row, 1)); });
  return all;
}

std::string DocumentReader::text_in(const json::array& row, std::size_t column) {
  const auto* const found = row[column].if_string();
  expect(found != nullptr);
  return found != nullptr ? std::string(json::text_of(*found)) : std::string();
}

bool DocumentReader::truth_in(const json::array& row, std::size_t column) {
  const auto* const found = row[column].if_bool();
  expect(found != nullptr);
  return found != nullptr && *found;
}

std::int64_t DocumentReader::number_in(const json::array& row, std::size_t column) {
  const auto* const found = row[column].if_int64();
  expect(found != nullptr);
  return found != nullptr ? *found : 0;
}

Time DocumentReader::time_in(const json::array& row, std::size_t column) {
  return Time(Millis(number_in(row, column)));
}

std::string DocumentReader::bytes_in(const json::array& row, std::size_t column) {
  return decoded(text_in(row, column));
}

std::string DocumentReader::decoded(const std::string& base64) {
  auto bytes = codec::base64_decode(base64);
  expect(bytes.has_value());
  return bytes ? *std::move(bytes) : std::string();
}

Error DocumentReader::corrupt() const {
  return {Errc::corrupt, "read a stored document: not what was written", key_};
}

}  // namespace cairn::catalog
