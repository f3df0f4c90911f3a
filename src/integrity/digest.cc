#include "integrity/digest.h"

#include "codec/base64.h"
#include "crypto/hash.h"
#include "integrity/signature.h"
#include "json/json.h"

namespace cairn::integrity {
namespace {

constexpr std::string_view kHashAlgorithm = "SHA-256";

json::value time_or_null(const std::optional<Time>& time) {
  return time ? json::value(rfc3339(*time)) : json::value(nullptr);
}

json::array listed(const std::vector<LogFile>& files) {
  json::array list;
  list.reserve(files.size());
  for (const auto& file : files) {
    list.push_back(json::object{{"s3Bucket", file.bucket},
                                {"s3Object", file.key},
                                {"hashValue", file.hash},
                                {"hashAlgorithm", kHashAlgorithm},
                                {"newestEventTime", time_or_null(file.newest_event)},
                                {"oldestEventTime", time_or_null(file.oldest_event)}});
  }
  return list;
}

Error lacks(std::string_view member) {
  return {Errc::invalid, "a digest lacks a member, or it is not of its form", std::string(member)};
}

Result<std::string> text_in(const json::object& object, std::string_view member) {
  const auto text = json::find_string(object, member);
  if (!text || text->empty()) {
    return lacks(member);
  }
  return std::string(*text);
}

// Only the form that is written: what is signed holds the text of a time.
Result<Time> time_in(const json::object& object, std::string_view member) {
  CAIRN_TRY(const auto text, text_in(object, member));
  const auto time = parse_rfc3339(text);
  if (!time || rfc3339(*time) != text) {
    return lacks(member);
  }
  return *time;
}

Result<std::optional<Time>> time_or_none(const json::object& object, std::string_view member) {
  if (json::find(object, member) == nullptr) {
    return std::optional<Time>();
  }
  return time_in(object, member).transform([](Time time) { return std::optional(time); });
}

Result<void> check_is(const json::object& object, std::string_view member, std::string_view only) {
  if (json::find_string(object, member) != only) {
    return lacks(member);
  }
  return {};
}

Result<std::optional<PreviousDigest>> previous_in(const json::object& object) {
  constexpr std::string_view kMembers[] = {"previousDigestS3Bucket", "previousDigestS3Object",
                                           "previousDigestHashValue", "previousDigestHashAlgorithm",
                                           "previousDigestSignature"};
  if (std::ranges::none_of(kMembers, [&](auto member) { return json::find(object, member) != nullptr; })) {
    return std::optional<PreviousDigest>();
  }
  CAIRN_TRY_VOID(check_is(object, "previousDigestHashAlgorithm", kHashAlgorithm));
  CAIRN_TRY(auto bucket, text_in(object, "previousDigestS3Bucket"));
  CAIRN_TRY(auto key, text_in(object, "previousDigestS3Object"));
  CAIRN_TRY(auto hash, text_in(object, "previousDigestHashValue"));
  CAIRN_TRY(auto signature, text_in(object, "previousDigestSignature"));
  return std::optional(PreviousDigest{.bucket = std::move(bucket),
                                      .key = std::move(key),
                                      .hash = std::move(hash),
                                      .signature = std::move(signature)});
}

Result<LogFile> log_file_from(const json::value& value) {
  const auto* object = value.if_object();
  if (object == nullptr) {
    return lacks("logFiles");
  }
  CAIRN_TRY_VOID(check_is(*object, "hashAlgorithm", kHashAlgorithm));
  CAIRN_TRY(auto bucket, text_in(*object, "s3Bucket"));
  CAIRN_TRY(auto key, text_in(*object, "s3Object"));
  CAIRN_TRY(auto hash, text_in(*object, "hashValue"));
  CAIRN_TRY(const auto newest, time_or_none(*object, "newestEventTime"));
  CAIRN_TRY(const auto oldest, time_or_none(*object, "oldestEventTime"));
  return LogFile{.bucket = std::move(bucket),
                 .key = std::move(key),
                 .hash = std::move(hash),
                 .newest_event = newest,
                 .oldest_event = oldest};
}

Result<std::vector<LogFile>> log_files_in(const json::object& object) {
  const auto* list = json::find_array(object, "logFiles");
  if (list == nullptr) {
    return lacks("logFiles");
  }
  std::vector<LogFile> files;
  files.reserve(list->size());
  for (const auto& value : *list) {
    CAIRN_TRY(auto file, log_file_from(value));
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace

std::string to_json(const Digest& digest) {
  const auto& previous = digest.previous;
  const auto before = [&](const std::string PreviousDigest::*member) {
    return previous ? json::value(*previous.*member) : json::value(nullptr);
  };
  return json::serialize(json::object{
      {"awsAccountId", digest.account},
      {"digestStartTime", rfc3339(digest.start)},
      {"digestEndTime", rfc3339(digest.end)},
      {"digestS3Bucket", digest.bucket},
      {"digestS3Object", digest.key},
      {"digestPublicKeyFingerprint", digest.fingerprint},
      {"digestSignatureAlgorithm", kSignatureAlgorithm},
      {"newestEventTime", time_or_null(digest.newest_event)},
      {"oldestEventTime", time_or_null(digest.oldest_event)},
      {"previousDigestS3Bucket", before(&PreviousDigest::bucket)},
      {"previousDigestS3Object", before(&PreviousDigest::key)},
      {"previousDigestHashValue", before(&PreviousDigest::hash)},
      {"previousDigestHashAlgorithm", previous ? json::value(kHashAlgorithm) : json::value(nullptr)},
      {"previousDigestSignature", before(&PreviousDigest::signature)},
      {"logFiles", listed(digest.log_files)}});
}

Result<Digest> digest_from(std::string_view text) {
  CAIRN_TRY(const auto object, json::parse_object(text, {.bytes_max = kDigestBytesMax, .depth_max = 16}));
  CAIRN_TRY_VOID(check_is(object, "digestSignatureAlgorithm", kSignatureAlgorithm));
  CAIRN_TRY(auto account, text_in(object, "awsAccountId"));
  CAIRN_TRY(const auto start, time_in(object, "digestStartTime"));
  CAIRN_TRY(const auto end, time_in(object, "digestEndTime"));
  CAIRN_TRY(auto bucket, text_in(object, "digestS3Bucket"));
  CAIRN_TRY(auto key, text_in(object, "digestS3Object"));
  CAIRN_TRY(auto fingerprint, text_in(object, "digestPublicKeyFingerprint"));
  CAIRN_TRY(const auto newest, time_or_none(object, "newestEventTime"));
  CAIRN_TRY(const auto oldest, time_or_none(object, "oldestEventTime"));
  CAIRN_TRY(auto previous, previous_in(object));
  CAIRN_TRY(auto log_files, log_files_in(object));
  return Digest{.account = std::move(account),
                .start = start,
                .end = end,
                .bucket = std::move(bucket),
                .key = std::move(key),
                .fingerprint = std::move(fingerprint),
                .newest_event = newest,
                .oldest_event = oldest,
                .previous = std::move(previous),
                .log_files = std::move(log_files)};
}

std::string sha256_hex(ByteView bytes) {
  return codec::hex_encode(crypto::sha256(bytes));
}

}  // namespace cairn::integrity
