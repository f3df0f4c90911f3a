// ListObjects and ListObjectsV2: keys in byte order, a page at a time, with common prefixes skipped in one
// step each. Delete markers are not: a page that has passed very many ends there, as S3's do.
#include "codec/base64.h"
#include "codec/uri.h"
#include "json/json.h"
#include "services/s3/faults.h"
#include "services/s3/operations.h"

namespace cairn::services::s3 {
namespace {

constexpr std::int64_t kKeysMax = 1000;
constexpr std::size_t kRowsMin = 16;  // of one scan
constexpr std::size_t kRowsMax = 256;
// Sorts after every key that starts with what it is appended to: no key holds this byte (UTF-8 has none).
constexpr char kAfterAll = '\xff';
// Ends a marker or token that stands inside a common prefix which is not listed yet: the last of all
// characters, U+10FFFF, so that XML and clients bring it back as it was.
constexpr std::string_view kInside = "\xf4\x8f\xbf\xbf";

struct Question {
  Bucket bucket;
  std::string prefix;
  std::string delimiter;
  std::string after;  // keys and common prefixes greater than this
  std::size_t limit = 0;
  std::size_t markers_allowed = 0;
};

struct Listing {
  std::vector<Object> objects;
  std::vector<std::string> prefixes;
  bool truncated = false;
  std::string last;         // the last key or prefix of the page, or where it was cut off
  std::size_t markers = 0;  // delete markers stepped over
  bool cut = false;         // at so many of them
};

// The common prefix a key falls under, or nothing.
std::optional<std::string> common_prefix(const Question& question, std::string_view key) {
  if (question.delimiter.empty()) {
    return std::nullopt;
  }
  const auto at = key.find(question.delimiter, question.prefix.size());
  return at == std::string_view::npos
             ? std::nullopt
             : std::optional(std::string(key.substr(0, at + question.delimiter.size())));
}

// The page ends at a delete marker, however few keys it has.
void cut_off(const Question& question, Listing& listing) {
  listing.truncated = listing.cut = true;
  listing.last = question.after;
  if (common_prefix(question, question.after)) {
    listing.last += kInside;
  }
}

// Where a marker stands that cut_off() made; nothing: it is any other.
std::optional<std::string> place_of_cut(const Question& question, std::string_view marker) {
  if (!marker.ends_with(kInside)) {
    return std::nullopt;
  }
  marker.remove_suffix(kInside.size());
  return common_prefix(question, marker) ? std::optional(std::string(marker)) : std::nullopt;
}

// Takes what fits of a scanned page. True: go on scanning behind `question.after`.
Result<bool> take_page(Question& question, const std::vector<catalog::Document>& page, Listing& listing) {
  const auto base = object_prefix(question.bucket).size();
  for (const auto& document : page) {
    const auto key = std::string_view(document.key).substr(base);
    if (key <= question.after) {
      continue;  // of a common prefix that has just been listed
    }
    CAIRN_TRY(auto object, object_from(document.value));
    if (object.marker) {
      question.after = key;
      if (++listing.markers == question.markers_allowed) {
        cut_off(question, listing);
        return false;
      }
      continue;
    }
    if (listing.objects.size() + listing.prefixes.size() == question.limit) {
      listing.truncated = true;
      return false;
    }
    if (auto prefix = common_prefix(question, key)) {
      question.after = *prefix + kAfterAll;
      listing.last = *prefix;
      listing.prefixes.push_back(*std::move(prefix));
      continue;
    }
    listing.last = object.key;
    question.after = object.key;
    listing.objects.push_back(std::move(object));
  }
  return !page.empty();
}

Task<Result<Listing, aws::Fault>> list(const Dependencies& on, Question question) {
  Listing listing;
  if (question.limit == 0) {
    co_return listing;
  }
  const auto base = object_prefix(question.bucket);
  if (auto place = place_of_cut(question, question.after)) {
    question.after = *std::move(place);
  } else if (const auto passed = common_prefix(question, question.after);
             passed && question.after.starts_with(question.prefix)) {
    // A marker inside a common prefix that was already listed must not list it again.
    question.after = *passed + kAfterAll;
  }
  auto rows_max = kRowsMax;
  while (true) {
    const auto rows =
        std::min(question.limit - listing.objects.size() - listing.prefixes.size() + 1, rows_max);
    const auto page = co_await on.catalog.scan(base + question.prefix,
                                               question.after.empty() ? "" : base + question.after, rows);
    if (!page) {
      co_return internal(page.error());
    }
    const auto more = take_page(question, *page, listing);
    if (!more) {
      co_return internal(more.error());
    }
    if (!*more) {
      co_return listing;
    }
    // The rest of a common prefix is stepped over: where it is larger than a page, pages would be read in
    // vain.
    rows_max = question.after.ends_with(kAfterAll) ? kRowsMin : kRowsMax;
  }
}

// Keys as the caller wants them: with encoding-type=url they may hold what XML cannot.
std::string shown_key(const Call& call, std::string_view key) {
  return text_member(call, "EncodingType") == "url" ? codec::percent_encode(key, true) : std::string(key);
}

void show(const Call& call, const Question& question, const Listing& listing, bool with_owner,
          json::object& output) {
  output["Name"] = question.bucket.name;
  output["Prefix"] = shown_key(call, question.prefix);
  output["MaxKeys"] = question.limit;
  if (!question.delimiter.empty()) {
    output["Delimiter"] = shown_key(call, question.delimiter);
  }
  if (const auto encoding = text_member(call, "EncodingType"); !encoding.empty()) {
    output["EncodingType"] = encoding;
  }
  output["IsTruncated"] = listing.truncated;
  json::array contents;
  for (const auto& object : listing.objects) {
    json::object item{{"Key", shown_key(call, object.key)},
                      {"LastModified", seconds_since_epoch(object.modified)},
                      {"ETag", "\"" + object.etag + "\""},
                      {"Size", object.size},
                      {"StorageClass", "STANDARD"}};
    if (!object.checksums.empty()) {
      item["ChecksumAlgorithm"] = json::array{object.checksums.front().algorithm};
      item["ChecksumType"] = checksum_type_of(object);
    }
    if (with_owner) {
      item["Owner"] = json::object{{"ID", canonical_id(question.bucket.account)}};
    }
    contents.push_back(std::move(item));
  }
  output["Contents"] = std::move(contents);
  json::array prefixes;
  for (const auto& prefix : listing.prefixes) {
    prefixes.push_back(json::object{{"Prefix", shown_key(call, prefix)}});
  }
  output["CommonPrefixes"] = std::move(prefixes);
}

Task<Result<Question, aws::Fault>> read_question(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto bucket, co_await bucket_of(on, call));
  if (const auto encoding = text_member(call, "EncodingType"); !encoding.empty() && encoding != "url") {
    co_return fault::invalid_argument("Invalid Encoding Method specified in Request");
  }
  const auto limit = json::find_int(call.input, "MaxKeys").value_or(kKeysMax);
  if (limit < 0) {
    co_return fault::invalid_argument("Argument maxKeys must be an integer between 0 and 2147483647");
  }
  co_return Question{.bucket = std::move(bucket.value),
                     .prefix = std::string(text_member(call, "Prefix")),
                     .delimiter = std::string(text_member(call, "Delimiter")),
                     .after = "",
                     .limit = static_cast<std::size_t>(std::min(limit, kKeysMax)),
                     .markers_allowed = on.limits.markers_passed_max};
}

}  // namespace

Task<Answer> list_objects(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto question, co_await read_question(on, call));
  question.after = text_member(call, "Marker");
  CAIRN_CO_TRY(const auto listing, co_await list(on, question));
  Outcome outcome;
  show(call, question, listing, true, outcome.output);
  outcome.output["Marker"] = shown_key(call, text_member(call, "Marker"));
  if (listing.truncated && (listing.cut || !question.delimiter.empty())) {
    outcome.output["NextMarker"] = shown_key(call, listing.last);
  }
  co_return outcome;
}

Task<Answer> list_objects_v2(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto question, co_await read_question(on, call));
  const auto start_after = text_member(call, "StartAfter");
  const auto token = text_member(call, "ContinuationToken");
  question.after = start_after;
  if (!token.empty()) {
    CAIRN_CO_TRY(question.after, codec::base64_decode(token).transform_error([](const Error&) {
      return fault::invalid_argument("The continuation token provided is incorrect");
    }));
  }
  CAIRN_CO_TRY(const auto listing, co_await list(on, question));
  Outcome outcome;
  show(call, question, listing, json::find_bool(call.input, "FetchOwner").value_or(false), outcome.output);
  outcome.output["KeyCount"] = listing.objects.size() + listing.prefixes.size();
  if (!token.empty()) {
    outcome.output["ContinuationToken"] = token;
  }
  if (!start_after.empty()) {
    outcome.output["StartAfter"] = shown_key(call, start_after);
  }
  if (listing.truncated) {
    outcome.output["NextContinuationToken"] = codec::base64_encode(listing.last);
  }
  co_return outcome;
}

}  // namespace cairn::services::s3
