// What the operations share.
#include <algorithm>

#include "access/principals.h"
#include "aws/rest_wire.h"
#include "base/log.h"
#include "capture/s3_form.h"
#include "codec/base64.h"
#include "codec/headers.h"
#include "codec/uri.h"
#include "crypto/hash.h"
#include "front/claims.h"
#include "json/json.h"
#include "services/s3/faults.h"
#include "services/s3/operations.h"
#include "services/s3/staged.h"

namespace cairn::services::s3 {
namespace {

capture::S3Names names_of(const Call& call) {
  return {.bucket = text_member(call, "Bucket"), .key = text_member(call, "Key")};
}

event::Category category_of(const Call& call) {
  return event::classify("s3", call.operation.name).category;
}

}  // namespace

bool etag_listed(std::string_view condition, std::string_view etag) {
  while (!condition.empty()) {
    const auto comma = std::min(condition.find(','), condition.size());
    auto one = condition.substr(0, comma);
    condition.remove_prefix(std::min(comma + 1, condition.size()));
    one.remove_prefix(std::min(one.find_first_not_of(" \t\""), one.size()));
    one = one.substr(0, one.find_last_not_of(" \t\"") + 1);
    if (one == "*" || one == etag) {
      return true;
    }
  }
  return false;
}

aws::Fault internal(const Error& error) {
  log::error("s3 cannot answer", {{"error", error.text()}});
  return aws::to_fault(aws::Family::s3, error);
}

Result<void, aws::Fault> check_room(const Dependencies& on, std::uint64_t bytes) {
  if (on.room != nullptr && !on.room->admits(reserve::Claim::growth, bytes)) {
    return front::no_room(aws::Family::s3);
  }
  return {};
}

std::string_view text_member(const Call& call, std::string_view name) {
  return json::find_string(call.input, name).value_or("");
}

std::string canonical_id(std::string_view account) {
  return access::canonical_user_id(account);
}

Task<Result<Kept<Bucket>, aws::Fault>> find_bucket(const Dependencies& on, std::string name) {
  const auto document = co_await on.catalog.get(bucket_key(name));
  if (!document) {
    co_return internal(document.error());
  }
  if (!*document) {
    co_return fault::no_such_bucket(name);
  }
  auto bucket = bucket_from((*document)->value);
  if (!bucket) {
    co_return internal(bucket.error());
  }
  co_return Kept<Bucket>{*std::move(bucket), (*document)->version};
}

Task<Result<Kept<Bucket>, aws::Fault>> bucket_of(const Dependencies& on, Call& call) {
  const std::string name(text_member(call, "Bucket"));
  CAIRN_CO_TRY(auto bucket, co_await find_bucket(on, name));
  const auto& authorised = staged_of(call).bucket_id;
  if (!authorised.empty() && authorised != bucket.value.id) {
    co_return fault::no_such_bucket(name);
  }
  describe_resources(call, bucket.value);
  co_return bucket;
}

Staged& staged_of(Call& call) {
  if (call.staged == nullptr) {
    call.staged = std::make_unique<Staged>();
  }
  return static_cast<Staged&>(*call.staged);
}

void change_bucket(const Kept<Bucket>& bucket, Outcome& outcome) {
  outcome.effects.writes.push_back(
      {bucket_key(bucket.value.name), to_document(bucket.value), bucket.version});
  outcome.effects.expectations.push_back({life_key(bucket.value), kAlive});
}

void describe(Call& call, const Bucket* bucket) {
  const bool streams = call.operation.streaming_input() != nullptr;
  call.record.request_parameters =
      capture::s3_parameters({.operation = call.operation.name,
                              .category = category_of(call),
                              .names = names_of(call),
                              .head = call.head,
                              .document = streams ? std::string_view() : call.whole_body});
  call.record.additional =
      capture::s3_additional(call.head, {.tls_cipher = call.tls ? call.tls->cipher : std::string_view{},
                                         .host_id = call.host_id,
                                         .bytes_in = streams ? 0 : call.whole_body.size()});
  if (bucket != nullptr) {
    describe_resources(call, *bucket);
  }
}

void describe_resources(Call& call, const Bucket& bucket) {
  call.record.resources =
      capture::s3_resources(names_of(call), category_of(call), bucket.arn(), bucket.account);
}

void describe_answer(Call& call, const Outcome& outcome) {
  if (event::classify("s3", call.operation.name).read_only) {
    return;
  }
  codec::Headers answered;
  if (const auto* shape = call.operation.output.shape) {
    aws::encode_headers(*shape, outcome.output, answered);
  }
  capture::note_s3_encryption(call.head.headers, answered, call.record.additional);
  call.record.response_elements = capture::s3_elements(answered);
}

void note_bytes(Call& call, std::uint64_t in, std::uint64_t out) {
  call.record.additional["bytesTransferredIn"] = in;
  call.record.additional["bytesTransferredOut"] = out;
}

}  // namespace cairn::services::s3
