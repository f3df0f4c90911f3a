// What followers read of a record, taken from its JSON text in one pass. Works for any CloudTrail record,
// ours or handed in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/regions.h"
#include "base/result.h"
#include "base/time.h"
#include "event/record.h"

namespace cairn::event {

// LookupEvents' Resources: names found in the record.
struct NamedResource {
  std::string type;  // may be empty: undeterminable
  std::string name;
};

// What is longer is refused, but for resources: those beyond are left out (the record's text has them).
struct ViewLimits {
  static constexpr std::size_t event_id_bytes_max = 128;
  static constexpr std::size_t name_bytes_max = 256;  // eventSource, eventName, eventType
  static constexpr std::size_t region_bytes_max = aws::kRegionMax;
  static constexpr std::size_t account_bytes_max = 64;
  static constexpr std::size_t resources_max = 256;
  static constexpr std::size_t resource_name_bytes_max = 2048;  // a longer one is left out
};

// Values; independent of the text they were read from.
struct View {
  std::string event_id;
  Time time;
  std::string source;
  std::string name;
  std::string region;
  std::string recipient_account;  // recipientAccountId, else userIdentity.accountId
  std::string access_key_id;
  std::string username;  // LookupEvents' derivation from userIdentity
  std::string invoked_by;
  std::string error_code;
  std::string type;
  Category category = Category::management;  // eventCategory, else by managementEvent, else management
  bool read_only = false;
  std::vector<NamedResource> resources;

  // What it takes in memory, about.
  std::size_t bytes() const;
};

// Errc::invalid with the reason (missing eventID, bad eventTime, not an object, …), as the door tells it to
// the sender. One parser a thread is kept inside; thread-safe.
Result<View> view(std::string_view record_json);

}  // namespace cairn::event
