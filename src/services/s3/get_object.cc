#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "json/json.h"
#include "services/s3/conditions.h"
#include "services/s3/customer_key.h"
#include "services/s3/encryption.h"
#include "services/s3/expiration.h"
#include "services/s3/faults.h"
#include "services/s3/keeping.h"
#include "services/s3/locks.h"
#include "services/s3/operations.h"
#include "services/s3/reading.h"
#include "services/s3/staged.h"
#include "services/s3/uploads.h"

namespace cairn::services::s3 {
namespace {

constexpr int kReadAttempts = 2;
constexpr std::string_view kDefaultType = "binary/octet-stream";

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty() ? std::optional(value)
                                                                                   : std::nullopt;
}

// "bytes=a-b", "bytes=a-", "bytes=-n". Nothing: not one range that can be read, so the whole is meant.
Result<std::optional<Span>, aws::Fault> requested_span(std::string_view range, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!range.starts_with(kUnit) || range.find(',') != std::string_view::npos) {
    return std::optional<Span>{};
  }
  range.remove_prefix(kUnit.size());
  const auto dash = range.find('-');
  if (dash == std::string_view::npos) {
    return std::optional<Span>{};
  }
  const auto first = number(range.substr(0, dash));
  const auto last = number(range.substr(dash + 1));
  if (dash == 0) {
    if (!last) {
      return std::optional<Span>{};
    }
    const auto length = std::min(*last, size);
    return length == 0 ? Result<std::optional<Span>, aws::Fault>(fault::invalid_range(size))
                       : Result<std::optional<Span>, aws::Fault>(Span{size - length, length});
  }
  if (!first || (dash + 1 < range.size() && (!last || *last < *first))) {
    return std::optional<Span>{};
  }
  if (*first >= size) {
    return fault::invalid_range(size);
  }
  return std::optional(Span{*first, std::min(last.value_or(size - 1), size - 1) - *first + 1});
}

struct Wanted {
  Bucket bucket;
  Object object;
  bool modified = true;
  bool current = true;
  std::optional<Part> part{};  // the one that was asked for
};

// Of the whole, or of the part that was asked for by its number; nobody knows one of any other range.
void show_checksums(const Wanted& wanted, const Call& call, Outcome& outcome) {
  const auto& object = wanted.object;
  const bool known = wanted.part.has_value() || !outcome.status;
  if (text_member(call, "ChecksumMode") != "ENABLED" || !known || object.checksums.empty()) {
    return;
  }
  for (const auto& checksum : wanted.part ? wanted.part->checksums : object.checksums) {
    outcome.output["Checksum" + checksum.algorithm] = checksum.value;
    outcome.output["ChecksumType"] = checksum_type_of(object);
  }
}

// The answer's members, but for the body.
void show(const Wanted& wanted, const Call& call, Outcome& outcome) {
  const auto& object = wanted.object;
  auto& output = outcome.output;
  output["AcceptRanges"] = "bytes";
  output["LastModified"] = seconds_since_epoch(object.modified);
  output["ETag"] = "\"" + object.etag + "\"";
  output["ContentType"] = kDefaultType;
  for (const auto& [name, value] : object.headers) {
    output[name] = value;
  }
  if (!object.metadata.empty()) {
    json::object metadata;
    for (const auto& [name, value] : object.metadata) {
      metadata[name] = value;
    }
    output["Metadata"] = std::move(metadata);
  }
  if (!object.tags.empty()) {
    output["TagCount"] = object.tags.size();
  }
  show_lock(object, output);
  show_checksums(wanted, call, outcome);
}

// partNumber: as a range that the parts have set.
Task<Result<std::optional<Part>, aws::Fault>> requested_part(const Dependencies& on, const Call& call,
                                                             Object object) {
  const auto number = json::find_int(call.input, "PartNumber");
  if (!number) {
    co_return std::optional<Part>();
  }
  if (!text_member(call, "Range").empty()) {
    co_return fault::invalid_request("Cannot specify both Range header and partNumber query parameter");
  }
  if (*number < 1 || *number > kPartsMax) {
    co_return fault::invalid_argument("Part number must be an integer between 1 and 10000, inclusive")
        .with("ArgumentName", "partNumber")
        .with("ArgumentValue", std::to_string(*number));
  }
  auto part = co_await part_of(on, object, *number);
  if (!part) {
    co_return internal(part.error());
  }
  if (!*part) {
    co_return aws::Fault{"InvalidPartNumber", 416, "The requested partnumber is not satisfiable"}
        .with("ActualPartCount", std::to_string(std::max<std::size_t>(object.parts, 1)))
        .with("PartNumberRequested", std::to_string(*number));
  }
  co_return *std::move(part);
}

Result<Span, aws::Fault> choose_span(const Wanted& wanted, const Call& call, Outcome& outcome) {
  const auto& object = wanted.object;
  Span span{0, object.size};
  if (wanted.part && object.parts > 0) {
    outcome.output["PartsCount"] = object.parts;
  }
  auto asked = wanted.part && wanted.part->span.length > 0 ? std::optional(wanted.part->span) : std::nullopt;
  if (!wanted.part) {
    CAIRN_TRY(asked, requested_span(text_member(call, "Range"), object.size));
  }
  if (asked) {
    span = *asked;
    outcome.status = 206;
    outcome.output["ContentRange"] = "bytes " + std::to_string(span.first) + "-" +
                                     std::to_string(span.first + span.length - 1) + "/" +
                                     std::to_string(object.size);
  }
  outcome.output["ContentLength"] = span.length;
  return span;
}

// As policies were asked about it, the first time; read anew after that.
Task<Result<Version, aws::Fault>> version_to_read(const Dependencies& on, const Bucket& bucket, Call& call) {
  if (auto asked = std::exchange(staged_of(call).asked, std::nullopt)) {
    co_return *std::move(asked);
  }
  Draft draft(on.catalog);
  co_return co_await version_of(draft, bucket, call);
}

Task<Result<Wanted, aws::Fault>> wanted(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto bucket, co_await bucket_of(on, call));
  CAIRN_CO_TRY(auto version, co_await version_to_read(on, bucket.value, call));
  const auto judged = judge(conditions_of(call), version.object);
  if (judged == Condition::failed_match) {
    co_return fault::precondition_failed("If-Match");
  }
  if (judged == Condition::failed_unmodified) {
    co_return fault::precondition_failed("If-Unmodified-Since");
  }
  const bool current = version.at == object_key(bucket.value, version.object.key);
  Wanted found{.bucket = std::move(bucket.value),
               .object = std::move(version.object),
               .modified = judged == Condition::holds,
               .current = current};
  CAIRN_CO_TRY(const auto customer, customer_key_in(call));
  CAIRN_CO_TRY_VOID(check_customer_key(on, customer, found.object.seal));
  CAIRN_CO_TRY(found.part, co_await requested_part(on, call, found.object));
  co_return found;
}

// 304: what a cache wants to know, and no body.
Outcome not_modified(const Wanted& wanted) {
  Outcome outcome;
  outcome.status = 304;
  outcome.output["ETag"] = "\"" + wanted.object.etag + "\"";
  outcome.output["LastModified"] = seconds_since_epoch(wanted.object.modified);
  for (const auto* name : {"CacheControl", "Expires"}) {
    if (const auto it = wanted.object.headers.find(name); it != wanted.object.headers.end()) {
      outcome.output[name] = it->second;
    }
  }
  show_version(wanted.bucket, wanted.object, outcome.output);
  return outcome;
}

constexpr std::array<std::string_view, 5> kOverrides = {"CacheControl", "ContentDisposition",
                                                        "ContentEncoding", "ContentLanguage", "ContentType"};

// response-content-type and the like: headers of this answer alone, for callers who are known.
Result<void, aws::Fault> override_headers(const Call& call, json::object& output) {
  bool any = false;
  for (const auto name : kOverrides) {
    if (const auto given = json::find_string(call.input, "Response" + std::string(name))) {
      output[name] = *given;
      any = true;
    }
  }
  if (const auto expires = json::find_number(call.input, "ResponseExpires")) {
    output["Expires"] = http_date(Time{Millis{static_cast<std::int64_t>(*expires * 1000)}});
    any = true;
  }
  if (any && call.caller.principal.kind == access::PrincipalKind::anonymous) {
    return fault::invalid_request(
        "Request specific response headers cannot be used for anonymous GET requests.");
  }
  return {};
}

// All of the answer but the bytes; which of these, `span` says.
Task<Answer> head_of(const Dependencies& on, const Wanted& wanted, const Call& call, Span& span) {
  Outcome outcome;
  CAIRN_CO_TRY(span, choose_span(wanted, call, outcome));
  show(wanted, call, outcome);
  show_encryption(wanted.object, outcome.output);
  show_customer_key(call, outcome.output);
  show_version(wanted.bucket, wanted.object, outcome.output);
  if (wanted.current) {
    CAIRN_CO_TRY_VOID(co_await show_expiration(on, wanted.bucket, wanted.object, outcome.output));
  }
  CAIRN_CO_TRY_VOID(override_headers(call, outcome.output));
  co_return outcome;
}

}  // namespace

Task<Answer> get_object(const Dependencies& on, Call& call) {
  // An overwrite's sweep may take the blob between the document and the read: the document then names
  // another.
  for (int attempt = 0;; ++attempt) {
    CAIRN_CO_TRY(auto found, co_await wanted(on, call));
    if (!found.modified) {
      co_return not_modified(found);
    }
    Span span;
    CAIRN_CO_TRY(auto outcome, co_await head_of(on, found, call, span));
    CAIRN_CO_TRY(auto data_key,
                 co_await data_key_of(on, call, found.bucket, found.object.key, found.object.seal));
    note_bytes(call, 0, span.length);
    auto source = co_await open_object(on, std::move(found.object), span, std::move(data_key));
    if (source) {
      outcome.stream = *std::move(source);
      co_return outcome;
    }
    if (source.error().code != Errc::not_found || attempt == kReadAttempts) {
      co_return internal(source.error());
    }
  }
}

Task<Answer> head_object(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto found, co_await wanted(on, call));
  if (!found.modified) {
    co_return not_modified(found);
  }
  Span span;
  co_return co_await head_of(on, found, call, span);
}

}  // namespace cairn::services::s3
