// The end of an upload: its parts are looked at, none is copied, and one document says that they are an
// object. Tested by multipart_test.cc.
#include <algorithm>
#include <map>

#include "codec/uri.h"
#include "json/json.h"
#include "services/s3/customer_key.h"
#include "services/s3/expiration.h"
#include "services/s3/faults.h"
#include "services/s3/keeping.h"
#include "services/s3/part_checksums.h"
#include "services/s3/uploads.h"

namespace cairn::services::s3 {
namespace {

constexpr std::size_t kPartsAtOnce = 1000;

// A part as the caller lists it.
struct Listed {
  std::int64_t number = 0;
  std::string etag;
  std::vector<Checksum> checksums;
};

// A part as it was uploaded.
struct Uploaded {
  std::string at;
  catalog::Version version = 0;
  Object part;
  bool listed = false;
};

std::string without_quotes(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
    etag = etag.substr(1, etag.size() - 2);
  }
  return std::string(etag);
}

// In the order of the request, which must be that of the numbers.
Result<std::vector<Listed>, aws::Fault> listed_parts(const Call& call) {
  const auto* upload = json::find_object(call.input, "MultipartUpload");
  const auto* parts = upload != nullptr ? json::find_array(*upload, "Parts") : nullptr;
  if (parts == nullptr || parts->empty() || parts->size() > static_cast<std::size_t>(kPartsMax)) {
    return fault::malformed_xml();
  }
  std::vector<Listed> listed;
  for (const auto& given : *parts) {
    const auto* part = given.if_object();
    const auto number = part != nullptr ? json::find_int(*part, "PartNumber") : std::nullopt;
    const auto etag = part != nullptr ? json::find_string(*part, "ETag") : std::nullopt;
    if (!number || !etag) {
      return fault::malformed_xml();
    }
    if (!listed.empty() && *number <= listed.back().number) {
      return fault::invalid_part_order(text_member(call, "UploadId"));
    }
    listed.push_back({*number, without_quotes(*etag), {}});
    for (const auto& [name, value] : *part) {
      constexpr std::string_view kPrefix = "Checksum";
      if (name.starts_with(kPrefix) && value.is_string()) {
        listed.back().checksums.push_back(
            {std::string(name.substr(kPrefix.size())), std::string(json::text_of(value.get_string()))});
      }
    }
  }
  return listed;
}

// By number.
Task<Result<std::map<std::int64_t, Uploaded>, aws::Fault>> uploaded_parts(const Dependencies& on,
                                                                          std::string name) {
  std::map<std::int64_t, Uploaded> uploaded;
  std::string after;
  while (true) {
    const auto page = co_await on.catalog.scan(parts_prefix(name), after, kPartsAtOnce);
    if (!page) {
      co_return internal(page.error());
    }
    if (page->empty()) {
      co_return uploaded;
    }
    after = page->back().key;
    for (const auto& document : *page) {
      auto part = object_from(document.value);
      if (!part) {
        co_return internal(part.error());
      }
      uploaded.emplace(number_of_part(document.key),
                       Uploaded{document.key, document.version, *std::move(part), false});
    }
  }
}

const std::string* checksum_in(const std::vector<Checksum>& checksums, std::string_view algorithm) {
  const auto it = std::ranges::find(checksums, algorithm, &Checksum::algorithm);
  return it == checksums.end() ? nullptr : &it->value;
}

Result<void, aws::Fault> check_part(const Upload& upload, const Listed& listed, const Uploaded* uploaded) {
  if (uploaded == nullptr || uploaded->part.etag != listed.etag) {
    return fault::invalid_part(upload.id, listed.number, listed.etag);
  }
  for (const auto& checksum : listed.checksums) {
    const auto* known = checksum_in(uploaded->part.checksums, checksum.algorithm);
    if (known == nullptr || *known != checksum.value) {
      return fault::invalid_part(upload.id, listed.number, listed.etag);
    }
  }
  if (upload.checksum_type == kComposite && checksum_in(listed.checksums, upload.algorithm) == nullptr) {
    return fault::invalid_request("The upload was created using a " + codec::lower(upload.algorithm) +
                                  " checksum. The complete request must include the checksum for each part. "
                                  "It was missing for part " +
                                  std::to_string(listed.number) + " in the request.");
  }
  return {};
}

// What the parts make: size, ETag and checksum.
Result<Object, aws::Fault> assemble(const Limits& limits, const Upload& upload,
                                    const std::vector<Listed>& listed,
                                    std::map<std::int64_t, Uploaded>& uploaded) {
  auto object = upload.object;
  object.parts = listed.size();
  object.size = 0;
  std::vector<PartSum> md5s;
  std::vector<PartSum> checksums;
  for (const auto& one : listed) {
    const auto it = uploaded.find(one.number);
    CAIRN_TRY_VOID(check_part(upload, one, it == uploaded.end() ? nullptr : &it->second));
    auto& [at, version, part, is_listed] = it->second;
    is_listed = true;
    if (part.size < limits.part_bytes_min && &one != &listed.back()) {
      return fault::entity_too_small(part.size, limits.part_bytes_min, one.number, one.etag);
    }
    object.size += part.size;
    if (object.size > limits.multipart_bytes_max) {
      return fault::entity_too_large(limits.multipart_bytes_max);
    }
    md5s.push_back({part.etag, part.size});
    if (const auto* value = checksum_in(part.checksums, upload.algorithm)) {
      checksums.push_back({*value, part.size});
    }
  }
  object.etag = etag_of_parts(md5s);
  if (!upload.algorithm.empty()) {
    object.checksums = {
        {upload.algorithm, checksum_of_parts(upload.algorithm, upload.checksum_type, checksums)}};
    object.checksum_type = upload.checksum_type;
  }
  return object;
}

// A composite checksum ends with "-" and the number of parts; some clients leave that out (minio-go).
bool keeps_promise(const Object& object, std::string_view value, std::string_view promised) {
  const bool bare = promised.find('-') == std::string_view::npos;
  return value == promised ||
         (bare && checksum_type_of(object) == kComposite && value.substr(0, value.find('-')) == promised);
}

// What the request says that the object is to be.
Result<void, aws::Fault> check_promises(const Call& call, const Object& object) {
  for (const auto* algorithm : {"CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"}) {
    const auto promised = text_member(call, "Checksum" + std::string(algorithm));
    if (promised.empty()) {
      continue;
    }
    const auto* value = checksum_in(object.checksums, algorithm);
    if (value == nullptr) {
      return fault::invalid_request(
          "The upload was not created with the checksum algorithm that the request names.");
    }
    if (!keeps_promise(object, *value, promised)) {
      return fault::bad_digest(algorithm);
    }
  }
  if (const auto type = text_member(call, "ChecksumType");
      !type.empty() && !object.checksums.empty() && type != checksum_type_of(object)) {
    return fault::invalid_request("The upload was created using the " +
                                  std::string(checksum_type_of(object)) +
                                  " checksum mode. The complete request must use the same checksum mode.");
  }
  const auto size = json::find_int(call.input, "MpuObjectSize");
  if (size && static_cast<std::uint64_t>(*size) != object.size) {
    return fault::invalid_request("The provided 'x-amz-mp-object-size' header value " +
                                  std::to_string(*size) +
                                  " does not match what was computed: " + std::to_string(object.size));
  }
  return {};
}

Outcome answer_of(const Call& call, const Bucket& bucket, const Object& object) {
  Outcome outcome;
  show_kept(bucket, object, outcome.output);
  outcome.output["Bucket"] = bucket.name;
  outcome.output["Key"] = object.key;
  outcome.output["Location"] = (call.tls ? "https://" : "http://") +
                               std::string(call.head.headers.get("Host")) + "/" + bucket.name + "/" +
                               codec::percent_encode(object.key, true);
  return outcome;
}

// Who did not hear the answer asks again.
Task<Answer> answer_again(Draft& draft, Call& call, Bucket bucket) {
  const auto id = text_member(call, "UploadId");
  const auto name = upload_name(bucket, id);
  CAIRN_CO_TRY(const auto current,
               co_await current_version(draft, bucket, std::string(text_member(call, "Key"))));
  if (!current || current->upload != name) {
    co_return fault::no_such_upload(id);
  }
  co_return answer_of(call, bucket, *current);
}

}  // namespace

Task<Answer> complete_multipart_upload(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  Draft draft(on.catalog);
  CAIRN_CO_TRY(const auto upload, co_await find_upload(draft, bucket.value, call));
  if (!upload) {
    co_return co_await answer_again(draft, call, bucket.value);
  }
  CAIRN_CO_TRY(const auto customer, customer_key_in(call));
  if (customer) {  // it need not be
    CAIRN_CO_TRY_VOID(check_customer_key(on, customer, upload->object.seal));
  }
  const auto name = upload_name(bucket.value, upload->id);
  CAIRN_CO_TRY(const auto listed, listed_parts(call));
  CAIRN_CO_TRY(auto uploaded, co_await uploaded_parts(on, name));
  CAIRN_CO_TRY(auto object, assemble(on.limits, *upload, listed, uploaded));
  CAIRN_CO_TRY_VOID(check_promises(call, object));
  object.upload = name;
  for (const auto& [number, one] : uploaded) {
    draft.expect(one.at, one.version);
    if (!one.listed) {
      discard(on, draft, one.part);
      draft.remove(one.at);
    }
  }
  // An object's bytes are all parts up to the last: none may come in between that nobody listed.
  for (std::int64_t number = 1; number < listed.back().number; ++number) {
    if (!uploaded.contains(number)) {
      draft.expect(part_key(name, number), 0);
    }
  }
  draft.remove(upload_key(bucket.value, object.key, upload->id));
  CAIRN_CO_TRY(const auto kept, co_await keep(on, draft, call, bucket.value, std::move(object)));
  auto outcome = answer_of(call, bucket.value, kept);
  CAIRN_CO_TRY_VOID(co_await show_expiration(on, bucket.value, kept, outcome.output));
  outcome.effects = draft.take();
  co_return outcome;
}

}  // namespace cairn::services::s3
