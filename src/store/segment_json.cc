#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>
#include <stdexcept>

#include "store/segment.h"

namespace cairn::store {

namespace {

namespace json = boost::json;

Error corrupt(const catalog::Document& document, std::string_view what) {
  return {Errc::corrupt, std::string(what), document.key};
}

Result<json::object> parse(const catalog::Document& document) {
  json::error_code code;
  auto value = json::parse(document.value, code);
  if (code || !value.is_object()) {
    return corrupt(document, "read a document of the store: it is no JSON object");
  }
  return std::move(value.as_object());
}

std::uint64_t number(const json::object& object, std::string_view name) {
  return object.at(name).to_number<std::uint64_t>();
}
Time time(const json::object& object, std::string_view name) {
  return Time(Millis(object.at(name).to_number<std::int64_t>()));
}
std::string text(const json::object& object, std::string_view name) {
  return json::value_to<std::string>(object.at(name));
}
std::vector<std::string> texts(const json::object& object, std::string_view name) {
  return json::value_to<std::vector<std::string>>(object.at(name));
}
std::int64_t millis(Time time) {
  return time.time_since_epoch().count();
}

Result<void> check_format(std::uint64_t format, const catalog::Document& document) {
  if (format > kSegmentFormat) {
    return Error{Errc::invalid, "read a document of the store: it was written by a newer version",
                 document.key};
  }
  if (format < kSegmentFormatMin) {
    return Error{Errc::invalid,
                 "read a document of the store: its format was never released and is read no more",
                 document.key};
  }
  return {};
}

}  // namespace

std::string to_json(const Segment& s) {
  json::object object{{"format", kSegmentFormat},
                      {"blob", s.blob},
                      {"postings", s.postings},
                      {"group", s.group},
                      {"first", s.first.raw()},
                      {"last", s.last.raw()},
                      {"minTime", millis(s.min_time)},
                      {"maxTime", millis(s.max_time)},
                      {"sealed", millis(s.sealed)},
                      {"rows", s.rows},
                      {"bytes", s.bytes},
                      {"postingsBytes", s.postings_bytes},
                      {"jsonBytes", s.json_bytes},
                      {"accounts", json::value_from(s.accounts)},
                      {"regions", json::value_from(s.regions)}};
  return json::serialize(object);
}

Result<Segment> parse_segment(const catalog::Document& document) {
  CAIRN_TRY(const auto object, parse(document));
  try {
    CAIRN_TRY_VOID(check_format(number(object, "format"), document));
    return Segment{.key = document.key,
                   .blob = text(object, "blob"),
                   .postings = text(object, "postings"),
                   .group = text(object, "group"),
                   .first = journal::Position{number(object, "first")},
                   .last = journal::Position{number(object, "last")},
                   .min_time = time(object, "minTime"),
                   .max_time = time(object, "maxTime"),
                   .sealed = time(object, "sealed"),
                   .rows = number(object, "rows"),
                   .bytes = number(object, "bytes"),
                   .postings_bytes = number(object, "postingsBytes"),
                   .json_bytes = number(object, "jsonBytes"),
                   .accounts = texts(object, "accounts"),
                   .regions = texts(object, "regions"),
                   .files = nullptr};
  } catch (const std::exception&) {  // Boost.JSON's: a member is missing or of another type
    return corrupt(document, "read a segment's document: a member is missing or wrong");
  }
}

std::string to_json(const Cursor& cursor) {
  return json::serialize(
      json::object{{"format", kSegmentFormat}, {"position", cursor.position.raw()}, {"seal", cursor.seal}});
}

Result<Cursor> parse_cursor(const catalog::Document& document) {
  CAIRN_TRY(const auto object, parse(document));
  try {
    CAIRN_TRY_VOID(check_format(number(object, "format"), document));
    return Cursor{.position = journal::Position{number(object, "position")}, .seal = text(object, "seal")};
  } catch (const std::exception&) {
    return corrupt(document, "read the store's cursor: a member is missing or wrong");
  }
}

std::string to_json(const Aside& aside) {
  return json::serialize(json::object{{"format", kSegmentFormat},
                                      {"position", aside.position.raw()},
                                      {"time", millis(aside.time)},
                                      {"record", aside.json}});
}

Result<Aside> parse_aside(const catalog::Document& document) {
  CAIRN_TRY(const auto object, parse(document));
  try {
    CAIRN_TRY_VOID(check_format(number(object, "format"), document));
    return Aside{.position = journal::Position{number(object, "position")},
                 .time = time(object, "time"),
                 .json = text(object, "record")};
  } catch (const std::exception&) {
    return corrupt(document, "read a record that was set aside: a member is missing or wrong");
  }
}

}  // namespace cairn::store
