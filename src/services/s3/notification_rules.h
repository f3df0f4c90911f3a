// A bucket's notification configuration, read: who is to be told of which events of which keys; and whether
// two of its parts would both be told of one event, which S3 does not allow. Pure. Tested by
// notification_rules_test.cc.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::services::s3 {

struct NotificationRule {
  std::string id{};
  std::string target{};               // ARN of a queue or a topic
  std::vector<std::string> events{};  // "s3:ObjectCreated:*"
  std::string prefix{};
  std::string suffix{};
};

// Of queues and of topics. REQUIRES: it was checked (check_notification()); what was not is left out.
std::vector<NotificationRule> notification_rules(const boost::json::object& configuration);

// "ObjectCreated:Put" of a key.
bool wants(const NotificationRule& rule, std::string_view event, std::string_view key);

// Is there an event, of a key, that both want?
bool overlap(const NotificationRule& one, const NotificationRule& other);

}  // namespace cairn::services::s3
