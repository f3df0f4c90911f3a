// Where what buckets tell goes: queues and topics, asked as s3.amazonaws.com on behalf of the bucket, so that
// their policies decide. Inside services/s3 only. Tested by notices_test.cc.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "aws/client.h"
#include "services/s3/operations.h"

namespace cairn::services::s3 {

struct Telling {
  std::string target{};   // ARN of a queue or a topic
  std::string bucket{};   // its ARN
  std::string account{};  // the bucket's
  std::string text{};
};
// SendMessage or Publish. Errc::invalid: the target is no ARN.
Result<aws::ClientCall> call_of(const Telling& telling);

// That whoever a configuration names is in the bucket's Region, is there and takes what this bucket sends:
// each gets an s3:TestEvent. InvalidArgument; ServiceUnavailable: that cannot be known now.
Task<Result<void, aws::Fault>> check_destinations(const Dependencies& on, const Call& call, Bucket bucket,
                                                  boost::json::object configuration);

}  // namespace cairn::services::s3
