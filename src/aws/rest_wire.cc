#include "aws/rest_wire.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "aws/recognise.h"
#include "aws/scalars.h"
#include "codec/base64.h"
#include "json/json.h"

namespace cairn::aws {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;
using BoundTexts = std::vector<std::string>;

Fault bad_binding(Family family, const Member& member, std::string_view text) {
  if (family != Family::s3) {
    return fault::serialization(family, fmt::format("Malformed value of {}", member.name));
  }
  const bool number = member.shape->kind == Kind::integer || member.shape->kind == Kind::long_integer;
  auto message = number ? fmt::format("Provided {} not an integer or within integer range", member.wire_name)
                        : fmt::format("Invalid value for {}", member.wire_name);
  return Fault{"InvalidArgument", 400, std::move(message)}
      .with("ArgumentName", member.wire_name)
      .with("ArgumentValue", std::string(text.substr(0, 256)));
}

std::string_view trimmed_item(std::string_view text) {
  const auto from = text.find_first_not_of(" \t");
  return from == std::string_view::npos ? std::string_view{}
                                        : text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

// "a, \"b,c\", d". An HTTP date has a comma of its own.
BoundTexts split_list(std::string_view text, bool dates) {
  BoundTexts out(1);
  bool quoted = false;
  bool in_date = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted && c == '\\' && at + 1 < text.size()) {
      out.back() += text[++at];
    } else if (c == '"' && (quoted || trimmed_item(out.back()).empty())) {
      quoted = !quoted;
    } else if (c == ',' && !quoted && (!dates || in_date)) {
      out.emplace_back();
      in_date = false;
    } else {
      in_date = in_date || (c == ',' && dates);
      out.back() += c;
    }
  }
  for (auto& item : out) {
    item = trimmed_item(item);
  }
  return out;
}

// One text to a member's value: a scalar, or JSON in base64 where the model says so.
Result<value, Fault> decode_bound_text(Family family, const Member& member, std::string_view text) {
  if (member.json_value) {
    const auto decoded = codec::base64_decode(trimmed_item(text));
    auto document = decoded ? json::parse(*decoded) : Result<value>(decoded.error());
    return document ? DecodedValue(*std::move(document)) : DecodedValue(bad_binding(family, member, text));
  }
  auto scalar = scalar_value(member, text);
  return scalar ? Result<value, Fault>(*std::move(scalar)) : bad_binding(family, member, text);
}

Result<value, Fault> decode_bound_texts(Family family, const Member& member, const BoundTexts& texts) {
  array out;
  for (const auto& text : texts) {
    CAIRN_TRY(auto decoded, decode_bound_text(family, member.shape->element, text));
    out.push_back(std::move(decoded));
  }
  return value(std::move(out));
}

// A precondition whose date cannot be read is ignored, as RFC 9110 wants it.
bool may_be_ignored(const Member& member) {
  return member.shape->kind == Kind::timestamp && member.location == Location::header &&
         (member.wire_name.starts_with("If-") || member.wire_name.starts_with("x-amz-copy-source-if-"));
}

Result<void, Fault> decode_header(Family family, const Member& member, const codec::Headers& headers,
                                  object& into) {
  const auto found = headers.find(member.wire_name);
  if (!found) {
    return {};
  }
  if (member.shape->kind == Kind::list) {
    const bool dates =
        member.shape->element.shape->kind == Kind::timestamp &&
        timestamp_format(member.shape->element, TimestampFormat::rfc822) == TimestampFormat::rfc822;
    if (found->empty()) {
      into.emplace(member.name, array());
      return {};
    }
    std::string joined;
    for (const auto& [name, text] : headers) {
      if (codec::equals_ignore_case(name, member.wire_name)) {
        joined += joined.empty() ? text : ", " + text;
      }
    }
    CAIRN_TRY(auto list, decode_bound_texts(family, member, split_list(joined, dates)));
    into.emplace(member.name, std::move(list));
    return {};
  }
  auto decoded = decode_bound_text(family, member, *found);
  if (!decoded && may_be_ignored(member)) {
    return {};
  }
  CAIRN_TRY(auto scalar, std::move(decoded));
  into.emplace(member.name, std::move(scalar));
  return {};
}

// Headers' names have no case: a map's keys are in lower case, as S3 keeps them.
void decode_prefixed(const Member& member, const codec::Headers& headers, object& into) {
  object out;
  const auto prefix = codec::lower(member.renamed ? member.wire_name : "");
  for (const auto& [name, text] : headers) {
    auto lowered = codec::lower(name);
    if (lowered.starts_with(prefix) && scalar_value(member.shape->element, text)) {
      out.emplace(lowered.substr(prefix.size()), text);
    }
  }
  if (!out.empty()) {
    into.emplace(member.name, std::move(out));
  }
}

// All of the query string, as Smithy has it for a server.
Result<void, Fault> decode_query_map(Family family, const Member& member, const Recognised& call,
                                     object& into) {
  object out;
  const auto& element = member.shape->element;
  for (const auto& [key, text] : call.query) {
    if (element.shape->kind != Kind::list) {
      out.insert_or_assign(key, text);
      continue;
    }
    CAIRN_TRY(auto item, decode_bound_text(family, element.shape->element, text));
    auto& list = out[key];
    (list.is_array() ? list.get_array() : list.emplace_array()).push_back(std::move(item));
  }
  into.emplace(member.name, std::move(out));
  return {};
}

Result<void, Fault> decode_query(Family family, const Member& member, const Recognised& call, object& into) {
  if (member.shape->kind == Kind::map) {
    return decode_query_map(family, member, call, into);
  }
  BoundTexts texts;
  for (const auto& [key, text] : call.query) {
    if (key == member.wire_name) {
      texts.push_back(text);
    }
  }
  if (texts.empty()) {
    return {};
  }
  CAIRN_TRY(auto decoded, member.shape->kind == Kind::list
                              ? decode_bound_texts(family, member, texts)
                              : decode_bound_text(family, member, texts.front()));
  into.emplace(member.name, std::move(decoded));
  return {};
}

// One member as the text of a header, a label or a query key; nothing for maps and structures.
std::optional<std::string> text_for(const Member& member, const value& given, TimestampFormat otherwise) {
  if (member.json_value) {
    return codec::base64_encode(json::serialize(given));
  }
  return scalar_text(member, given, otherwise);
}

std::string header_list(const Member& member, const array& items) {
  std::string out;
  for (const auto& item : items) {
    auto text = text_for(member.shape->element, item, TimestampFormat::rfc822);
    if (!text) {
      continue;
    }
    if (member.shape->element.shape->kind == Kind::string &&
        text->find_first_of("\",") != std::string::npos) {
      std::string quoted = "\"";
      for (const char c : *text) {
        quoted += c == '"' ? "\\\"" : std::string(1, c);
      }
      text = quoted + "\"";
    }
    out += (out.empty() ? "" : ", ") + *text;
  }
  return out;
}

void encode_header(const Member& member, const value& given, codec::Headers& headers) {
  if (member.location == Location::headers && given.is_object()) {
    for (const auto& [key, item] : given.get_object()) {
      if (auto text = scalar_text(member.shape->element, item, TimestampFormat::rfc822)) {
        headers.set((member.renamed ? member.wire_name : "") + std::string(key), *text);
      }
    }
  } else if (member.location == Location::header && given.is_array() && member.shape->kind == Kind::list) {
    if (!given.get_array().empty()) {
      headers.set(member.wire_name, header_list(member, given.get_array()));
    }
  } else if (member.location == Location::header) {
    if (auto text = text_for(member, given, TimestampFormat::rfc822)) {
      headers.set(member.wire_name, *text);
    }
  }
}

class TargetWriter {
 public:
  Result<std::string> write(const Operation& operation, const object& input) {
    if (operation.input.shape != nullptr) {
      gather(*operation.input.shape, input);
      gather_maps(*operation.input.shape, input);
    }
    CAIRN_TRY(auto target, path(operation.path));
    char separator = '?';
    for (const auto& [key, text] : operation.query) {
      target +=
          separator + codec::percent_encode(key) + (text.empty() ? "" : "=" + codec::percent_encode(text));
      separator = '&';
    }
    for (const auto& [key, text] : query_) {
      target += separator + codec::percent_encode(key) + "=" + codec::percent_encode(text);
      separator = '&';
    }
    return target;
  }

 private:
  void gather(const Shape& shape, const object& input) {
    for (const auto& member : shape.members) {
      const auto* given = input.if_contains(member.name);
      if (given == nullptr || given->is_null()) {
        continue;
      }
      if (member.location == Location::uri) {
        labels_.emplace_back(member.wire_name,
                             text_for(member, *given, TimestampFormat::iso8601).value_or(""));
      } else if (member.location == Location::querystring) {
        add_texts(member.wire_name, member, *given);
      }
    }
  }

  // Maps come last: a key that a member has set wins.
  void gather_maps(const Shape& shape, const object& input) {
    const auto named = query_;
    const auto is_set = [&](std::string_view key) {
      return std::ranges::find(named, key, &std::pair<std::string, std::string>::first) != named.end();
    };
    for (const auto& member : shape.members) {
      const auto* given = member.location == Location::querystring ? input.if_contains(member.name) : nullptr;
      if (given == nullptr || !given->is_object()) {
        continue;
      }
      for (const auto& [key, item] : given->get_object()) {
        if (!is_set(key)) {
          add_texts(std::string(key), member.shape->element, item);
        }
      }
    }
  }

  void add_texts(const std::string& key, const Member& member, const value& given) {
    if (given.is_array() && member.shape->kind == Kind::list) {
      for (const auto& item : given.get_array()) {
        add_texts(key, member.shape->element, item);
      }
    } else if (auto text = text_for(member, given, TimestampFormat::iso8601)) {
      query_.emplace_back(key, *std::move(text));
    }
  }

  Result<std::string> path(std::string_view format) const {
    std::string out;
    for (std::size_t at = 0; at < format.size(); ++at) {
      const auto end = format[at] == '{' ? format.find('}', at) : std::string_view::npos;
      if (end == std::string_view::npos) {
        out += format[at];
        continue;
      }
      auto name = format.substr(at + 1, end - at - 1);
      const bool greedy = name.ends_with('+');
      name.remove_suffix(greedy ? 1 : 0);
      const auto found = std::ranges::find(labels_, name, &std::pair<std::string, std::string>::first);
      if (found == labels_.end() || found->second.empty()) {
        return Error{Errc::invalid, "encode request: a label of the path is missing", std::string(name)};
      }
      out += codec::percent_encode(found->second, greedy);
      at = end;
    }
    return out;
  }

  codec::QueryPairs labels_;
  codec::QueryPairs query_;
};

}  // namespace

Result<void, Fault> decode_bound(Family family, const Recognised& call, const codec::Headers& headers,
                                 object& into) {
  for (const auto& member : call.operation->input.shape->members) {
    switch (member.location) {
      case Location::header:
        CAIRN_TRY_VOID(decode_header(family, member, headers, into));
        break;
      case Location::headers:
        decode_prefixed(member, headers, into);
        break;
      case Location::querystring:
        CAIRN_TRY_VOID(decode_query(family, member, call, into));
        break;
      case Location::uri: {
        CAIRN_TRY(auto label, decode_bound_text(family, member, call.label(member.wire_name)));
        into.emplace(member.name, std::move(label));
        break;
      }
      case Location::body:
      case Location::status_code:
        break;
    }
  }
  return {};
}

Result<void, Fault> decode_bound(const Shape& shape, const codec::ResponseHead& head, object& into) {
  for (const auto& member : shape.members) {
    switch (member.location) {
      case Location::header:
        CAIRN_TRY_VOID(decode_header(Family::rest_json, member, head.headers, into));
        break;
      case Location::headers:
        decode_prefixed(member, head.headers, into);
        break;
      case Location::status_code:
        into.emplace(member.name, head.status);
        break;
      default:
        break;
    }
  }
  return {};
}

void encode_headers(const Shape& shape, const object& given, codec::Headers& headers) {
  for (const auto& member : shape.members) {
    if (const auto* found = given.if_contains(member.name); found != nullptr && !found->is_null()) {
      encode_header(member, *found, headers);
    }
  }
}

Result<std::string> encode_target(const Operation& operation, const object& input) {
  return TargetWriter().write(operation, input);
}

}  // namespace cairn::aws
