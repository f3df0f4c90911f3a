// What uploads are under way, and what parts one has. Tested by multipart_test.cc.
#include <algorithm>

#include "codec/uri.h"
#include "json/json.h"
#include "services/s3/faults.h"
#include "services/s3/uploads.h"

namespace cairn::services::s3 {
namespace {

constexpr std::int64_t kPageMax = 1000;
constexpr std::size_t kUploadsAtOnce = 500;
// Behind every key that starts with what it is appended to.
constexpr char kAfterAllUploads = '\xff';

Result<std::size_t, aws::Fault> wanted_limit(const Call& call, std::string_view member) {
  const auto limit = json::find_int(call.input, member).value_or(kPageMax);
  if (limit < 0) {
    return fault::invalid_argument("Argument " + std::string(member) +
                                   " must be an integer between 0 and 2147483647");
  }
  return static_cast<std::size_t>(std::min(limit, kPageMax));
}

json::object who(std::string_view account, std::string_view arn) {
  return {{"ID", arn.empty() ? canonical_id(account) : std::string(arn)},
          {"DisplayName", arn.substr(arn.rfind('/') + 1)}};
}

json::object shown_part(const catalog::Document& document, const Object& part) {
  json::object shown{{"PartNumber", number_of_part(document.key)},
                     {"LastModified", seconds_since_epoch(part.modified)},
                     {"ETag", "\"" + part.etag + "\""},
                     {"Size", part.size}};
  for (const auto& checksum : part.checksums) {
    shown["Checksum" + checksum.algorithm] = checksum.value;
  }
  return shown;
}

void show_upload(const Bucket& bucket, const Upload& upload, json::object& output) {
  output["UploadId"] = upload.id;
  output["Key"] = upload.object.key;
  output["Owner"] = json::object{{"ID", canonical_id(bucket.account)}};
  output["Initiator"] = who(bucket.account, upload.initiator);
  output["StorageClass"] = "STANDARD";
  if (!upload.algorithm.empty()) {
    output["ChecksumAlgorithm"] = upload.algorithm;
    output["ChecksumType"] = upload.checksum_type;
  }
}

struct UploadsQuestion {
  std::string prefix;
  std::string delimiter;
  std::string after;  // a document's key
  std::size_t limit = 0;
  bool encodes = false;
};

struct UploadsListing {
  std::vector<Upload> uploads;
  std::vector<std::string> prefixes;
  bool truncated = false;
  std::string last_key;
  std::string last_id;
};

std::optional<std::string> common_prefix_of(const UploadsQuestion& question, std::string_view key) {
  if (question.delimiter.empty()) {
    return std::nullopt;
  }
  const auto at = key.find(question.delimiter, question.prefix.size());
  return at == std::string_view::npos
             ? std::nullopt
             : std::optional(std::string(key.substr(0, at + question.delimiter.size())));
}

// True: go on behind question.after.
Result<bool> take_rows(const Bucket& bucket, const std::vector<catalog::Document>& page, UploadsQuestion& question,
                       UploadsListing& listing) {
  for (const auto& document : page) {
    if (document.key <= question.after) {
      continue;  // of a common prefix that has just been listed
    }
    if (listing.uploads.size() + listing.prefixes.size() == question.limit) {
      listing.truncated = true;
      return false;
    }
    CAIRN_TRY(auto upload, upload_from(document.value));
    question.after = document.key;
    listing.last_key = upload.object.key;
    listing.last_id = upload.id;
    if (auto prefix = common_prefix_of(question, upload.object.key)) {
      question.after = uploads_prefix(bucket) + escaped(*prefix) + kAfterAllUploads;
      listing.last_key = *prefix;
      listing.last_id.clear();
      listing.prefixes.push_back(*std::move(prefix));
      continue;
    }
    listing.uploads.push_back(std::move(upload));
  }
  return true;
}

Task<Result<UploadsListing>> gather_uploads(const Dependencies& on, Bucket bucket, UploadsQuestion question) {
  const auto prefix = uploads_prefix(bucket) + escaped(question.prefix);
  UploadsListing listing;
  while (question.limit > 0) {
    CAIRN_CO_TRY(const auto page, co_await on.catalog.scan(prefix, question.after, kUploadsAtOnce));
    if (page.empty()) {
      break;
    }
    CAIRN_CO_TRY(const bool more, take_rows(bucket, page, question, listing));
    if (!more) {
      break;
    }
  }
  co_return listing;
}

// Behind an upload of the marker's key, or behind all of them. A marker may be a common prefix.
std::string behind(const Bucket& bucket, const UploadsQuestion& question, std::string_view key,
                   std::string_view id) {
  if (key.empty()) {
    return "";
  }
  if (!id.empty()) {
    return upload_key(bucket, key, id);
  }
  const bool is_prefix = !question.delimiter.empty() && key.ends_with(question.delimiter);
  return uploads_prefix(bucket) + (is_prefix ? escaped(key) : ended(key)) + kAfterAllUploads;
}

std::string shown_text(const UploadsQuestion& question, std::string_view text) {
  return question.encodes ? codec::percent_encode(text, true) : std::string(text);
}

void show_listing(const Bucket& bucket, const UploadsQuestion& question, const UploadsListing& listing,
                  json::object& output) {
  json::array uploads;
  for (const auto& upload : listing.uploads) {
    json::object shown;
    show_upload(bucket, upload, shown);
    shown["Key"] = shown_text(question, upload.object.key);
    shown["Initiated"] = seconds_since_epoch(upload.object.modified);
    uploads.push_back(std::move(shown));
  }
  output["Uploads"] = std::move(uploads);
  json::array prefixes;
  for (const auto& prefix : listing.prefixes) {
    prefixes.push_back(json::object{{"Prefix", shown_text(question, prefix)}});
  }
  output["CommonPrefixes"] = std::move(prefixes);
  output["IsTruncated"] = listing.truncated;
  if (listing.truncated) {
    output["NextKeyMarker"] = shown_text(question, listing.last_key);
    output["NextUploadIdMarker"] = listing.last_id;
  }
}

}  // namespace

Task<Answer> list_parts(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  Draft draft(on.catalog);
  CAIRN_CO_TRY(const auto upload, co_await find_upload(draft, bucket.value, call));
  if (!upload) {
    co_return fault::no_such_upload(text_member(call, "UploadId"));
  }
  CAIRN_CO_TRY(const auto limit, wanted_limit(call, "MaxParts"));
  // A string in the model, because it comes back as one.
  const auto marker = json::find_int(call.input, "PartNumberMarker").value_or(0);
  const auto name = upload_name(bucket.value, upload->id);
  const auto rows = co_await on.catalog.scan(
      parts_prefix(name), part_key(name, std::clamp<std::int64_t>(marker, 0, kPartsMax)), limit + 1);
  if (!rows) {
    co_return internal(rows.error());
  }
  json::array parts;
  for (const auto& row : *rows) {
    const auto part = object_from(row.value);
    if (!part) {
      co_return internal(part.error());
    }
    if (parts.size() < limit) {
      parts.push_back(shown_part(row, *part));
    }
  }
  Outcome outcome;
  show_upload(bucket.value, *upload, outcome.output);
  outcome.output["Bucket"] = bucket.value.name;
  outcome.output["MaxParts"] = limit;
  outcome.output["PartNumberMarker"] = marker;
  outcome.output["IsTruncated"] = rows->size() > limit;
  outcome.output["NextPartNumberMarker"] =
      parts.empty() ? marker : parts.back().get_object().at("PartNumber").get_int64();
  outcome.output["Parts"] = std::move(parts);
  co_return outcome;
}

Task<Answer> list_multipart_uploads(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  CAIRN_CO_TRY(const auto limit, wanted_limit(call, "MaxUploads"));
  UploadsQuestion question{.prefix = std::string(text_member(call, "Prefix")),
                    .delimiter = std::string(text_member(call, "Delimiter")),
                    .after = {},
                    .limit = limit,
                    .encodes = text_member(call, "EncodingType") == "url"};
  question.after =
      behind(bucket.value, question, text_member(call, "KeyMarker"), text_member(call, "UploadIdMarker"));
  const auto listing = co_await gather_uploads(on, bucket.value, question);
  if (!listing) {
    co_return internal(listing.error());
  }
  Outcome outcome;
  auto& output = outcome.output;
  output["Bucket"] = bucket.value.name;
  output["MaxUploads"] = limit;
  output["KeyMarker"] = shown_text(question, text_member(call, "KeyMarker"));
  output["UploadIdMarker"] = text_member(call, "UploadIdMarker");
  for (const auto* echoed : {"Prefix", "Delimiter"}) {
    if (const auto text = text_member(call, echoed); !text.empty()) {
      output[echoed] = shown_text(question, text);
    }
  }
  if (question.encodes) {
    output["EncodingType"] = "url";
  }
  show_listing(bucket.value, question, *listing, output);
  co_return outcome;
}

}  // namespace cairn::services::s3
