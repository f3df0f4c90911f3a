#include <charconv>

#include "codec/base64.h"
#include "json/json.h"
#include "services/s3/faults.h"
#include "services/s3/operations.h"

namespace cairn::services::s3 {
namespace {

constexpr std::size_t kReadBytes = 256U << 10;
constexpr int kReadAttempts = 2;
constexpr std::string_view kDefaultType = "binary/octet-stream";

class BlobSource final : public http::BodySource {
 public:
  explicit BlobSource(std::unique_ptr<blob::Reader> reader)
      : reader_(std::move(reader)), buffer_(kReadBytes) {}
  Task<Result<std::span<const std::byte>>> read() override {
    CAIRN_CO_TRY(const auto count, co_await reader_->read(buffer_));
    co_return std::span<const std::byte>(buffer_).first(count);
  }
  std::optional<std::uint64_t> size() const override { return reader_->size(); }

 private:
  std::unique_ptr<blob::Reader> reader_;
  std::vector<std::byte> buffer_;
};

struct Span {
  std::uint64_t first = 0;
  std::uint64_t length = 0;
};

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
      output["ChecksumType"] = "FULL_OBJECT";
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

Task<Result<std::unique_ptr<http::BodySource>>> open(const Dependencies& on, const Object& object,
                                                     Span span) {
  if (object.blob.empty()) {
    CAIRN_CO_TRY(const auto bytes, codec::base64_decode(object.inline_base64));
    if (bytes.size() != object.size) {
      co_return Error{Errc::corrupt, "an object has not the bytes that its document says", object.key};
    }
    co_return http::body_of(bytes.substr(span.first, span.length));
  }
  const blob::Range range{span.first, span.length};
  CAIRN_CO_TRY(auto reader, co_await on.blob.reader(object.blob, range));
  if (reader->size() != span.length) {
    co_return Error{Errc::corrupt, "an object's blob has another size than its document says", object.blob};
  }
  co_return std::make_unique<BlobSource>(std::move(reader));
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
    auto source = co_await open(on, object, span);
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
