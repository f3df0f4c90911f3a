#include <charconv>

#include "json/json.h"
#include "services/s3/faults.h"
#include "services/s3/reading.h"
#include "services/s3/operations.h"

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

// The answer's members, but for the body.
void show(const Object& object, const Call& call, Outcome& outcome) {
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
  if (text_member(call, "ChecksumMode") == "ENABLED" && !outcome.status) {
    for (const auto& checksum : object.checksums) {
      output["Checksum" + checksum.algorithm] = checksum.value;
      output["ChecksumType"] = checksum_type_of(object);
    }
  }
}

Result<Span, aws::Fault> choose_span(const Object& object, const Call& call, Outcome& outcome) {
  Span span{0, object.size};
  CAIRN_TRY(const auto asked, requested_span(text_member(call, "Range"), object.size));
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

Task<Result<Object, aws::Fault>> wanted(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  const std::string key(text_member(call, "Key"));
  CAIRN_CO_TRY(auto object, co_await find_object(on, bucket.value, key));
  if (const auto condition = text_member(call, "IfMatch");
      !condition.empty() && !etag_listed(condition, object.value.etag)) {
    co_return fault::precondition_failed("If-Match");
  }
  co_return std::move(object.value);
}

}  // namespace

Task<Answer> get_object(const Dependencies& on, Call& call) {
  // An overwrite's sweep may take the blob between the document and the read: the document then names
  // another.
  for (int attempt = 0;; ++attempt) {
    CAIRN_CO_TRY(const auto object, co_await wanted(on, call));
    Outcome outcome;
    CAIRN_CO_TRY(const auto span, choose_span(object, call, outcome));
    show(object, call, outcome);
    note_bytes(call, 0, span.length);
    auto source = co_await open_object(on, object, span);
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
  CAIRN_CO_TRY(const auto object, co_await wanted(on, call));
  Outcome outcome;
  CAIRN_CO_TRY(const auto span, choose_span(object, call, outcome));
  static_cast<void>(span);
  show(object, call, outcome);
  co_return outcome;
}

}  // namespace cairn::services::s3
