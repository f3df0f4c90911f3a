// What is set on a bucket beside its policy: tags, CORS, lifecycle, … Each is a document of its own, the
// configuration as it was put, by the model's names (docs/formats/s3.md):
//
//   s3/setting/<name>/<bucket id>
//
// Putting or removing one writes the bucket's document, too: so whoever decided by a setting and commits with
// the bucket's version conflicts with whoever changed it meanwhile.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "services/s3/operations.h"

namespace cairn::services::s3 {

struct Setting {
  std::string_view name;    // of its document: "cors"
  std::string_view noun;    // what its operations' names begin with, after the verb: "BucketCors"
  std::string_view member;  // of Put's input that is the configuration
  std::string_view shown;   // of Get's output that holds it; empty: its members are the output's own
  // Whether it may be put, in S3's words. It may complete it (ids). Null: whatever the model allows.
  Result<void, aws::Fault> (*check)(boost::json::object& configuration);
  // Why there is none to get. Null: none is answered as an empty one.
  aws::Fault (*absent)(std::string_view bucket);
  int put_status = 200;
  bool empty_removes = false;  // putting one without content removes it
};

std::span<const Setting> settings();
// By its document's name. REQUIRES: it is one of the table's.
const Setting& setting_named(std::string_view name);

inline constexpr std::string_view kSettingPrefix = "s3/setting/";
std::string setting_prefix(std::string_view name);
std::string setting_key(std::string_view name, const Bucket& bucket);

// The document: {"bucket": its name, "configuration": …}.
struct SettingDocument {
  std::string bucket;
  boost::json::object configuration;
};
std::string to_document(const SettingDocument& setting);
Result<SettingDocument> setting_from(std::string_view document);

Task<Result<std::optional<boost::json::object>, aws::Fault>> find_setting(const Dependencies& on,
                                                                          std::string name, Bucket bucket);
// Adds the write. A null configuration removes it.
void write_setting(std::string_view name, const Bucket& bucket, const boost::json::object* configuration,
                   Outcome& outcome);
// Of a bucket that is no more.
void remove_settings(const Bucket& bucket, Outcome& outcome);

// Any of the table's: which one, the operation's name says.
Task<Answer> put_setting(const Dependencies& on, Call& call);
Task<Answer> get_setting(const Dependencies& on, Call& call);
Task<Answer> delete_setting(const Dependencies& on, Call& call);
// Beyond put_setting: the queues and topics that are to be told take it.
Task<Answer> put_bucket_notification(const Dependencies& on, Call& call);
// Beyond put_setting: the bucket that is to have the logs must be there.
Task<Answer> put_bucket_logging(const Dependencies& on, Call& call);

// What a bucket has from its creation on.
boost::json::object all_public_access_blocked();
boost::json::object ownership_of(std::string_view ownership);
// Are ACLs refused? (BucketOwnerEnforced.)
Task<Result<bool, aws::Fault>> acls_are_off(const Dependencies& on, Bucket bucket);

}  // namespace cairn::services::s3
