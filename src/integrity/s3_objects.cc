#include "integrity/s3_objects.h"

#include "async/loops.h"
#include "json/json.h"

namespace cairn::integrity {
namespace {

constexpr int kTries = 4;
constexpr Millis kFirstPause{200};  // then twice as long each time

aws::ClientCall call_of(std::string service, std::string operation, std::string region, json::object input) {
  aws::ClientCall call;
  call.service = std::move(service);
  call.operation = std::move(operation);
  call.region = std::move(region);
  call.input = std::move(input);
  return call;
}

Error error_of(const aws::Fault& fault, std::string subject) {
  const bool is_absent = fault.code == "NoSuchKey" || fault.code == "NoSuchBucket";
  return {is_absent                         ? Errc::not_found
          : fault.code == aws::kUnreachable ? Errc::unavailable
                                            : Errc::denied,
          fault.code + ": " + fault.message, std::move(subject)};
}

Task<Result<aws::ClientAnswer>> asked(aws::Client& client, aws::ClientCall call, std::string subject) {
  auto pause = kFirstPause;
  for (int tries = 1;; ++tries) {
    auto again = call;
    auto answer = co_await client.call(std::move(again));
    if (answer) {
      co_return *std::move(answer);
    }
    if (answer.error().code != aws::kUnreachable || tries == kTries) {
      co_return error_of(answer.error(), std::move(subject));
    }
    co_await async::sleep(pause);
    pause *= 2;
  }
}

std::map<std::string, std::string> metadata_of(const json::object& output) {
  std::map<std::string, std::string> metadata;
  const auto* object = json::find_object(output, "Metadata");
  if (object == nullptr) {
    return metadata;
  }
  for (const auto& [name, value] : *object) {
    if (const auto* const said = value.if_string()) {
      metadata.emplace(std::string(name), std::string(json::text_of(*said)));
    }
  }
  return metadata;
}

// A timestamp of an answer: seconds since 1970.
std::optional<Time> timestamp_in(const json::object& object, std::string_view member) {
  const auto seconds = json::find_number(object, member);
  if (!seconds) {
    return std::nullopt;
  }
  return Time{Millis{static_cast<std::int64_t>(*seconds * 1000.0)}};
}

class S3Objects final : public Objects {
 public:
  S3Objects(aws::Client& client, std::string region, std::string bucket, std::string prefix)
      : client_(client), region_(std::move(region)), bucket_(std::move(bucket)), prefix_(std::move(prefix)) {}

  std::string bucket() const override { return bucket_; }

  Task<Result<void>> list(std::function<Result<void>(Listed)> take) override {
    json::object input{{"Bucket", bucket_}, {"Prefix", prefix_}};
    while (true) {
      auto call = call_of("s3", "ListObjectsV2", region_, input);
      auto answer = co_await asked(client_, std::move(call), "s3://" + bucket_);
      if (!answer) {
        co_return std::move(answer).error();
      }
      const auto* const contents = json::find_array(answer->output, "Contents");
      for (std::size_t i = 0; contents != nullptr && i < contents->size(); ++i) {
        CAIRN_CO_TRY_VOID(take_one(take, (*contents)[i]));
      }
      const auto next = json::find_string(answer->output, "NextContinuationToken");
      if (!json::find_bool(answer->output, "IsTruncated").value_or(false) || !next) {
        co_return Result<void>();
      }
      input["ContinuationToken"] = *next;
    }
  }

  Task<Result<Object>> get(std::string bucket, std::string key) override {
    json::object input{{"Bucket", bucket}, {"Key", key}};
    auto call = call_of("s3", "GetObject", region_, std::move(input));
    auto answer = co_await asked(client_, std::move(call), "s3://" + bucket + "/" + key);
    if (!answer) {
      co_return std::move(answer).error();
    }
    co_return Object{.bytes = std::move(answer->body), .metadata = metadata_of(answer->output)};
  }

 private:
  static Result<void> take_one(const std::function<Result<void>(Listed)>& take, const json::value& value) {
    const auto* const object = value.if_object();
    const auto key = object == nullptr ? std::nullopt : json::find_string(*object, "Key");
    if (!key) {
      return {};
    }
    const auto size = json::find_int(*object, "Size");
    return take(
        {.key = std::string(*key),
         .put = timestamp_in(*object, "LastModified"),
         .bytes = size && *size >= 0 ? std::optional(static_cast<std::uint64_t>(*size)) : std::nullopt});
  }

  aws::Client& client_;
  const std::string region_;
  const std::string bucket_;
  const std::string prefix_;
};

}  // namespace

std::unique_ptr<Objects> s3_objects(aws::Client& client, std::string region, std::string bucket,
                                    std::string prefix) {
  return std::make_unique<S3Objects>(client, std::move(region), std::move(bucket), std::move(prefix));
}

Task<Result<PublicKeys>> listed_public_keys(aws::Client& client, std::string region, Interval time) {
  PublicKeys keys;
  json::object input{{"StartTime", seconds_since_epoch(time.from)},
                     {"EndTime", seconds_since_epoch(time.until)}};
  while (true) {
    auto call = call_of("cloudtrail", "ListPublicKeys", region, input);
    auto answer = co_await asked(client, std::move(call), region);
    if (!answer) {
      co_return std::move(answer).error();
    }
    auto page = public_keys_from(json::serialize(answer->output));
    if (!page) {
      co_return std::move(page).error();
    }
    keys.merge(*page);
    const auto next = json::find_string(answer->output, "NextToken");
    if (!next) {
      co_return keys;
    }
    input["NextToken"] = *next;
  }
}

}  // namespace cairn::integrity
