// What S3 refuses of a setting beyond what its model says, in S3's words. Pure. Tested by
// setting_checks_test.cc and lifecycle_rules_test.cc.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "aws/fault.h"
#include "base/result.h"

namespace cairn::services::s3 {

using Checked = Result<void, aws::Fault>;

Checked check_tagging(boost::json::object& configuration);
// Of a bucket: at most 50, no two of one key, characters and lengths as AWS allows them.
Checked check_bucket_tags(const boost::json::array& tags);
Checked check_public_access_block(boost::json::object& configuration);
Checked check_ownership(boost::json::object& configuration);
Checked check_cors(boost::json::object& configuration);
Checked check_encryption(boost::json::object& configuration);
Checked check_notification(boost::json::object& configuration);
Checked check_lifecycle(boost::json::object& configuration);

}  // namespace cairn::services::s3
