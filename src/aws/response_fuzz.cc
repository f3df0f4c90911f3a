// Any answer from a far end, for an operation of each protocol: read or refused, never worse.
#include "aws/protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace cairn::aws;
  if (size < 2) {
    return 0;
  }
  constexpr std::pair<const char*, const char*> kCalls[] = {
      {"cloudtrail", "LookupEvents"},
      {"cloudtrail-data", "PutAuditEvents"},
      {"iam", "ListUsers"},
      {"sts", "AssumeRole"},
      {"s3", "GetBucketAcl"},
      {"s3", "ListObjectsV2"},
      {"s3", "GetObject"},
      {"s3", "GetBucketLocation"},
  };
  const auto& [service, name] = kCalls[data[0] % std::size(kCalls)];
  const int status = data[1] % 2 == 0 ? 200 : 400;
  const std::string body(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto& operation = *catalogue().by_name(service)->operation(name);
  const cairn::codec::ResponseHead head{
      status, {{"Last-Modified", body.substr(0, 40)}, {"x-amz-meta-a", body.substr(0, 9)}}};
  if (auto output = decode_response(operation.service->protocol(), operation, head, body)) {
    (void)encode_response(operation.service->protocol(), operation, *output, {"id", "host"});
  }
  return 0;
}
