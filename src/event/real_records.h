// For tests and benchmarks: the real CloudTrail records in $CAIRN_TEST_DATA/cloudtrail, as Boost.JSON objects
// (which keep the order of keys).
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "codec/gzip.h"

namespace cairn::event::testing {

inline std::filesystem::path data_folder() {
  const char* const given = std::getenv("CAIRN_TEST_DATA");
  return given != nullptr ? std::filesystem::path(given)
                          : std::filesystem::path(CAIRN_SOURCE_DIR) / "../shared/data";
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct RealRecord {
  std::string file;  // below data_folder()/cloudtrail
  boost::json::object json;
};

inline bool is_record(const boost::json::object& object) {
  for (const auto* const key : {"eventName", "eventSource", "eventTime"}) {
    if (const auto* const member = object.if_contains(key); member == nullptr || !member->is_string()) {
      return false;
    }
  }
  return true;
}

// Records may lie in {"Records": […]}, in an EventBridge event's detail, or as JSON text within a string.
inline void collect(const boost::json::value& value, const std::string& file,
                    std::vector<RealRecord>& records) {
  if (const auto* const object = value.if_object()) {
    if (is_record(*object)) {
      records.push_back({file, *object});
      return;
    }
    for (const auto& member : *object) {
      collect(member.value(), file, records);
    }
  } else if (const auto* const array = value.if_array()) {
    for (const auto& element : *array) {
      collect(element, file, records);
    }
  } else if (const auto* const text = value.if_string(); text != nullptr && text->starts_with('{')) {
    boost::system::error_code error;
    const auto inner = boost::json::parse(*text, error);
    if (!error) {
      collect(inner, file, records);
    }
  }
}

inline std::vector<RealRecord> load_real_records() {
  std::vector<RealRecord> records;
  const auto root = data_folder() / "cloudtrail";
  if (!std::filesystem::exists(root)) {
    return records;
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    constexpr std::size_t kFileBytesMax = 64U << 20;
    const auto name = entry.path().string();
    std::string text;
    if (name.ends_with(".json.gz")) {
      text = codec::gzip_decompress(read_file(entry.path()), kFileBytesMax).value_or(std::string());
    } else if (name.ends_with(".json")) {
      text = read_file(entry.path());
    }
    boost::system::error_code error;
    const auto value = boost::json::parse(text, error);
    if (!error) {
      collect(value, std::filesystem::relative(entry.path(), root).string(), records);
    }
  }
  return records;
}

// Some twelve thousand, read once; empty when the data are not there.
inline const std::vector<RealRecord>& real_records() {
  static const auto records = load_real_records();
  return records;
}

}  // namespace cairn::event::testing
