// A trail: what CloudTrail delivers, for whom, where to. A value; its rules; its catalog document. Pure.
//
// The document (key trail_key()) is the API's truth. What delivery acts on is the control entry in the
// journal that each change sends through the outbox: it holds for what comes after it.
#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/fault.h"
#include "base/result.h"
#include "base/time.h"
#include "event/view.h"
#include "trail/insights.h"
#include "trail/selectors.h"

namespace cairn::trail {

struct Trail {
  std::string account;
  std::string name;
  std::string home_region;
  std::string bucket;
  std::string prefix;        // may be empty
  std::string topic_name{};  // SnsTopicName, as it was given; empty: no topic
  std::string topic_arn{};   // that it stands for
  std::string organization{};  // "o-…": of all its members; empty: of its account alone
  bool include_global_service_events = true;
  bool multi_region = false;
  bool logging = false;
  std::optional<Time> started;  // last StartLogging
  std::optional<Time> stopped;  // last StopLogging
  bool validation = false;        // digest files are made (EnableLogFileValidation)
  std::string kms_key{};          // ARN of the key that files are encrypted with; empty: as their bucket does
  std::optional<Time> validated;  // since when, the last time that it was turned on
  Time created;
  std::optional<Selectors> selectors;  // none: nobody gave any
  std::vector<InsightSelector> insights;
  std::map<std::string, std::optional<std::string>> tags;  // without a value is not the same as an empty one

  std::string arn() const;  // arn:aws:cloudtrail:HOME:ACCOUNT:trail/NAME
  // Since when digests chain without a break: since StartLogging, or since validation was turned on, whatever came
  // last. None: there are none now.
  std::optional<Time> chained() const;
  const Selectors& selected() const { return selectors ? *selectors : Selectors::standard(); }
};

// Is the event of the trail's account, or of its organization, and of one of its Regions, and does the trail log at all?
// If so, its selectors decide (selection.h). `organization`: which the event's account is in; empty: none.
bool concerns(const Trail& trail, const event::View& record, std::string_view organization = {});

// InvalidTrailNameException with AWS's words; section 1.2's five rules.
Result<void, aws::Fault> check_name(std::string_view name);
// InvalidS3BucketNameException, InvalidS3PrefixException.
Result<void, aws::Fault> check_bucket_name(std::string_view bucket);
Result<void, aws::Fault> check_prefix(std::string_view prefix);
// The ARN of the topic that a name or an ARN means: of the trail's account and home Region, where it is a name.
// InvalidSnsTopicNameException.
Result<std::string, aws::Fault> topic_arn_of(const Trail& trail, std::string_view name_or_arn);

// "CloudTrail", for network activity "CloudTrail-NetworkActivity": where log files of such events lie.
std::string_view folder_of(event::Category category);
// "[PREFIX/]AWSLogs/[ORGANIZATION/]ACCOUNT/FOLDER/REGION/YYYY/MM/DD/ACCOUNT_FOLDER_REGION_YYYYMMDDTHHmmZ_UNIQUE.json.gz";
// the time is floored to five minutes.
std::string log_file_key(const Trail& trail, std::string_view account, std::string_view folder,
                         std::string_view region, Time time, std::string_view unique);
// "[PREFIX/]AWSLogs/[ORGANIZATION/]ACCOUNT/FOLDER/": the marker object that verifies the bucket's policy. Of log files, of
// digests, and of insights.
inline constexpr std::string_view kLogFolder = "CloudTrail";
inline constexpr std::string_view kDigestFolder = "CloudTrail-Digest";
inline constexpr std::string_view kInsightFolder = "CloudTrail-Insight";
// KMS is asked with the trail's ARN, under this name of the encryption context, for each file and by who reads it.
inline constexpr std::string_view kEncryptionContext = "aws:cloudtrail:arn";
// Of a PutObject of one of the trail's files: that it is encrypted with the key. An empty key: nothing.
void encrypt_with(std::string_view kms_key, std::string_view trail_arn, boost::json::object& put);
std::string marker_key(const Trail& trail, std::string_view folder = kLogFolder);

// Catalog: "trail/<account>/<home region>/<name>".
std::string trail_key(std::string_view account, std::string_view home_region, std::string_view name);
// "trail-names/<account>": written whenever a trail comes, goes or becomes visible elsewhere. Who decides by
// what trails there are expects its version, so that two such decisions never pass each other, and a change
// never lands on a later trail of the same name.
std::string names_key(std::string_view account);
std::string account_prefix(std::string_view account);  // all trails of an account

boost::json::object to_document(const Trail& trail);
Result<Trail> from_document(const boost::json::object& document);

// Control entries (event/entry.h): {"type":"trail","arn":…,"trail":document}, and "trail":null for a deleted
// one.
std::string control_of(const Trail& trail);
std::string deletion_control_of(const Trail& trail);
struct Change {
  std::string arn;
  std::optional<Trail> trail;
};
// None: a control of another type.
Result<std::optional<Change>> parse_control(std::string_view body);

}  // namespace cairn::trail
