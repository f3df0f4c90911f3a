// Any bytes: splitting and scanning do no harm; what splits, scans, and the scanner finds what a tree has.
#include "json/scan.h"

#include "json/json.h"
#include "json/records.h"

namespace {

using namespace cairn;

void compare(const std::optional<json::Field>& field, const json::value* expected) {
  CAIRN_CHECK(field.has_value() == (expected != nullptr));
  if (expected != nullptr) {
    CAIRN_CHECK(json::parse(field->raw).value() == *expected);
    CAIRN_CHECK(!expected->is_string() || json::text_of(expected->get_string()) == field->text);
  }
}

const json::value* member(const json::value* from, std::string_view name) {
  const auto* const o = from == nullptr ? nullptr : from->if_object();
  return o == nullptr ? nullptr : o->if_contains({name.data(), name.size()});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static json::Scanner scanner({"a", "b", "b.c"});
  const std::string text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(scanner.scan(text));
  std::vector<json::Record> records;
  const auto split = json::split_records(text, {.depth_max = 32}, records);
  CAIRN_CHECK(split.has_value() || records.size() <= split.error().record);
  for (const auto& record : records) {
    const auto tree = json::parse(record.raw).value();
    const auto fields = scanner.scan(record.raw).value();
    const auto* const b = member(&tree, "b");
    compare(fields[0], member(&tree, "a"));
    compare(fields[1], b);
    compare(fields[2], member(b, "c"));
    CAIRN_CHECK(record.compact == (json::minify(record.raw) == record.raw));
  }
  return 0;
}
