// Each operation over a catalog in memory, an S3 that answers as told and an event history that answers as
// told.
#include "delivery/status.h"
#include "services/cloudtrail/cloudtrail_testing.h"

namespace cairn::services::cloudtrail {
namespace {

TEST_F(CloudTrailTest, create_verifies_the_bucket_and_tells_followers) {
  EXPECT_EQ(text("CreateTrail", {{"Name", "main"}, {"S3BucketName", "kestrel"}, {"S3KeyPrefix", "p"}}),
            R"({"Name":"main","S3BucketName":"kestrel","S3KeyPrefix":"p","IncludeGlobalServiceEvents":true,)"
            R"("IsMultiRegionTrail":false,"TrailARN":"arn:aws:cloudtrail:us-east-1:111122223333:trail/main",)"
            R"("LogFileValidationEnabled":false,"IsOrganizationTrail":false})");
  EXPECT_THAT(s3.calls, ElementsAre("GetBucketAcl kestrel  " + arn("main"),
                                    "PutObject kestrel p/AWSLogs/111122223333/CloudTrail/ " + arn("main")));
  const auto rows = run(catalog.outbox(0, 10));
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ(event::decode_outbox_row(rows->front().payload)->kind, event::Kind::control);
}

TEST_F(CloudTrailTest, create_refuses) {
  ASSERT_THAT(create("main"), StartsWith("{"));
  const struct {
    object input;
    std::string_view answer;
  } rows[] = {
      {{{"Name", "ab"}, {"S3BucketName", "kestrel"}}, "InvalidTrailNameException: Trail name too short."},
      {{{"S3BucketName", "kestrel"}}, "InvalidTrailNameException"},
      {{{"Name", "other"}, {"S3BucketName", "K"}}, "InvalidS3BucketNameException"},
      {{{"Name", "other"}, {"S3BucketName", "kestrel"}, {"S3KeyPrefix", std::string(201, 'x')}},
       "InvalidS3PrefixException"},
      {{{"Name", "main"}, {"S3BucketName", "kestrel"}},
       "TrailAlreadyExistsException: Trail main already exists for customer: 111122223333"},
      {{{"Name", "other"},
        {"S3BucketName", "kestrel"},
        {"IsMultiRegionTrail", true},
        {"IncludeGlobalServiceEvents", false}},
       "InvalidParameterCombinationException: Multi-Region trail must include global service events."},
      {{{"Name", "other"}, {"S3BucketName", "kestrel"}, {"TagsList", {object{{"Key", "aws:x"}}}}},
       "InvalidTagParameterException"},
  };
  for (const auto& row : rows) {
    EXPECT_THAT(text("CreateTrail", row.input), StartsWith(std::string(row.answer)))
        << json::serialize(row.input);
  }
  s3.refuse = "GetBucketAcl";
  EXPECT_EQ(
      create("other"),
      "InsufficientS3BucketPolicyException: Incorrect S3 bucket policy is detected for bucket: kestrel");
  s3.refuse = "PutObject";
  EXPECT_THAT(create("other"), StartsWith("InsufficientS3BucketPolicyException"));
  s3.code = "NoSuchBucket";
  EXPECT_EQ(create("other"), "S3BucketDoesNotExistException: S3 bucket kestrel does not exist!");
  s3.code = aws::kUnreachable;
  s3.status = 503;
  EXPECT_THAT(create("other"), StartsWith("ServiceUnavailable"));
  EXPECT_EQ(controls(), 1U) << "nothing that was refused was written";
}

TEST_F(CloudTrailTest, quota_counts_multi_region_trails_everywhere) {
  for (const auto* name : {"one", "two", "three", "four"}) {
    ASSERT_THAT(create(name, "eu-west-1"), StartsWith("{"));
  }
  ASSERT_THAT(create("five", "us-east-1", true), StartsWith("{"));
  EXPECT_EQ(create("six", "eu-west-1"),
            "MaximumNumberOfTrailsExceededException: User: 111122223333 already has 5 trails in eu-west-1.");
  EXPECT_EQ(create("six", "us-east-1", true),
            "MaximumNumberOfTrailsExceededException: User: 111122223333 already has 5 trails in eu-west-1.")
      << "it would be the sixth there";
  ASSERT_THAT(create("six", "us-east-1"), StartsWith("{"));
  EXPECT_THAT(text("UpdateTrail", {{"Name", "six"}, {"IsMultiRegionTrail", true}}),
              StartsWith("MaximumNumberOfTrailsExceeded"));
  EXPECT_THAT(text("UpdateTrail", {{"Name", "five"}, {"IsMultiRegionTrail", true}}), StartsWith("{"))
      << "it is already";
}

TEST_F(CloudTrailTest, names_are_unique_where_they_are_visible) {
  ASSERT_THAT(create("same", "us-east-1"), StartsWith("{"));
  ASSERT_THAT(create("same", "eu-west-1"), StartsWith("{"));
  EXPECT_THAT(create("same", "eu-north-1", true), StartsWith("TrailAlreadyExistsException"));
  EXPECT_THAT(text("UpdateTrail", {{"Name", "same"}, {"IsMultiRegionTrail", true}}),
              StartsWith("TrailAlreadyExistsException"));
  ASSERT_THAT(create("wide", "us-east-1", true), StartsWith("{"));
  EXPECT_THAT(create("wide", "eu-west-1"), StartsWith("TrailAlreadyExistsException"));
}

// What two calls decide at the same time must not both come true.
TEST_F(CloudTrailTest, decisions_about_the_set_of_trails_conflict) {
  for (const auto* name : {"one", "two", "three", "four"}) {
    ASSERT_THAT(create(name), StartsWith("{"));
  }
  auto first = make("CreateTrail", {{"Name", "five"}, {"S3BucketName", "kestrel"}});
  auto second = make("CreateTrail", {{"Name", "six"}, {"S3BucketName", "kestrel"}});
  auto one = run(service->run(first));
  auto two = run(service->run(second));
  EXPECT_TRUE(commit_effects(one));
  EXPECT_FALSE(commit_effects(two)) << "the sixth trail of five";
}

TEST_F(CloudTrailTest, change_never_lands_on_a_later_trail_of_the_same_name) {
  ASSERT_THAT(create("main"), StartsWith("{"));
  for (const auto* operation : {"StartLogging", "UpdateTrail", "AddTags", "DeleteTrail"}) {
    object input{{"Name", "main"}};
    if (operation == std::string_view("AddTags")) {
      input = {{"ResourceId", arn("main")}, {"TagsList", {object{{"Key", "a"}}}}};
    }
    auto call = make(operation, input);
    auto late = run(service->run(call));
    ASSERT_TRUE(late) << operation;
    ASSERT_EQ(text("DeleteTrail", {{"Name", "main"}}), "{}");
    ASSERT_THAT(create("main"), StartsWith("{"));
    EXPECT_FALSE(commit_effects(late)) << operation;
  }
}

TEST_F(CloudTrailTest, changes_are_made_at_home) {
  ASSERT_THAT(create("wide", "us-east-1", true), StartsWith("{"));
  for (const auto* operation : {"UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"}) {
    EXPECT_THAT(text(operation, {{"Name", "wide"}}, "eu-west-1"), StartsWith("InvalidHomeRegionException"))
        << operation;
    EXPECT_EQ(text(operation, {{"Name", "nobody"}}),
              "TrailNotFoundException: Unknown trail: arn:aws:cloudtrail:us-east-1:111122223333:trail/nobody "
              "for the user: 111122223333");
    EXPECT_THAT(text(operation, {{"Name", "arn:aws:s3:::x"}}), StartsWith("CloudTrailARNInvalidException"));
    EXPECT_THAT(text(operation, {{"Name", arn("a--b")}}), StartsWith("CloudTrailARNInvalidException"));
    EXPECT_THAT(text(operation, {{"Name", "arn:aws:cloudtrail:us-east-1:444455556666:trail/wide"}}),
                StartsWith("TrailNotFoundException"));
  }
  EXPECT_THAT(text("GetTrail", {{"Name", "wide"}}, "eu-west-1"), HasSubstr(R"("HomeRegion":"us-east-1")"));
  EXPECT_EQ(text("GetTrailStatus", {{"Name", "wide"}}, "eu-west-1"),
            "TrailNotFoundException: Unknown trail: arn:aws:cloudtrail:eu-west-1:111122223333:trail/wide for "
            "the user: 111122223333")
      << "a shadow's status is asked for by ARN";
  EXPECT_THAT(text("GetTrailStatus", {{"Name", arn("wide")}}, "eu-west-1"), StartsWith("{"));
}

TEST_F(CloudTrailTest, update_changes_what_is_given) {
  ASSERT_THAT(create("main"), StartsWith("{"));
  EXPECT_THAT(text("UpdateTrail", {{"Name", arn("main")}, {"S3KeyPrefix", "deep"}}),
              HasSubstr(R"("S3KeyPrefix":"deep")"));
  EXPECT_THAT(text("UpdateTrail", {{"Name", "main"}, {"IsMultiRegionTrail", true}}),
              HasSubstr(R"("S3KeyPrefix":"deep")"));
  EXPECT_THAT(text("UpdateTrail", {{"Name", "main"}, {"IncludeGlobalServiceEvents", false}}),
              StartsWith("InvalidParameterCombinationException"));
  EXPECT_THAT(text("UpdateTrail", {{"Name", "main"}, {"IsMultiRegionTrail", false}}),
              HasSubstr(R"("IncludeGlobalServiceEvents":false)"));
  EXPECT_THAT(text("UpdateTrail", {{"Name", "main"}, {"S3BucketName", ""}}),
              StartsWith("InvalidS3BucketNameException"));
  EXPECT_THAT(text("UpdateTrail", {{"Name", "main"}, {"S3KeyPrefix", ""}}), Not(HasSubstr("S3KeyPrefix")));
  s3.refuse = "PutObject";
  EXPECT_THAT(text("UpdateTrail", {{"Name", "main"}, {"S3BucketName", "elsewhere"}}),
              StartsWith("InsufficientS3BucketPolicy"));
  EXPECT_THAT(text("GetTrail", {{"Name", "main"}}), HasSubstr(R"("S3BucketName":"kestrel")"));
}

TEST_F(CloudTrailTest, describe_trails) {
  ASSERT_THAT(create("home"), StartsWith("{"));
  ASSERT_THAT(create("wide", "eu-west-1", true), StartsWith("{"));
  ASSERT_THAT(create("away", "eu-west-1"), StartsWith("{"));
  const auto names = [&](object input) {
    const auto answer = *json::parse_object(text("DescribeTrails", std::move(input)));
    std::string all;
    for (const auto& item : answer.at("trailList").as_array()) {
      all += std::string(item.at("Name").as_string()) + " ";
    }
    return all;
  };
  EXPECT_EQ(names({}), "wide home ");
  EXPECT_EQ(names({{"includeShadowTrails", false}}), "home ");
  EXPECT_EQ(names({{"trailNameList", {"away", "nobody"}}}), "");
  EXPECT_EQ(names({{"trailNameList", {"home", "wide"}}}), "wide home ");
  EXPECT_EQ(names({{"trailNameList", array{arn("away", "eu-west-1")}}}), "away ")
      << "another Region's needs its ARN";
  EXPECT_THAT(text("DescribeTrails", {{"trailNameList", {"a--b"}}}), StartsWith("InvalidTrailNameException"));
  EXPECT_THAT(text("DescribeTrails", {{"trailNameList", array{"arn:aws:s3:::x"}}}),
              StartsWith("CloudTrailARNInvalidException"));
  EXPECT_THAT(text("ListTrails"), HasSubstr("away")) << "all of the account";
}

TEST_F(CloudTrailTest, log_file_validation_is_turned_on_and_off) {
  const auto kept = [&] {
    const auto document = run(catalog.get(trail::trail_key(kAccount, "us-east-1", "main"))).value();
    return trail::from_document(json::parse_object(document->value).value()).value();
  };
  const auto update = [&](object members) {
    members["Name"] = "main";
    return text("UpdateTrail", std::move(members));
  };
  const object on{{"EnableLogFileValidation", true}};
  EXPECT_THAT(
      text("CreateTrail", {{"Name", "main"}, {"S3BucketName", "kestrel"}, {"EnableLogFileValidation", true}}),
      HasSubstr(R"("LogFileValidationEnabled":true)"));
  EXPECT_EQ(kept().validated, kNow);
  EXPECT_THAT(s3.calls,
              ElementsAre("GetBucketAcl kestrel  " + arn("main"),
                          "PutObject kestrel AWSLogs/111122223333/CloudTrail/ " + arn("main"),
                          "PutObject kestrel AWSLogs/111122223333/CloudTrail-Digest/ " + arn("main")));
  EXPECT_THAT(text("GetTrail", {{"Name", "main"}}), HasSubstr(R"("LogFileValidationEnabled":true)"));
  now += Millis{60'000};
  EXPECT_THAT(update(on), HasSubstr(R"("LogFileValidationEnabled":true)"));
  EXPECT_THAT(update({{"S3KeyPrefix", "p"}}), HasSubstr(R"("LogFileValidationEnabled":true)"));
  EXPECT_EQ(kept().validated, kNow) << "it was on";
  EXPECT_THAT(update({{"EnableLogFileValidation", false}}), HasSubstr(R"("LogFileValidationEnabled":false)"));
  EXPECT_FALSE(kept().validation);
  now += Millis{60'000};
  EXPECT_THAT(update(on), HasSubstr(R"("LogFileValidationEnabled":true)"));
  EXPECT_EQ(kept().validated, now);
}

TEST_F(CloudTrailTest, the_call_that_stops_or_deletes_a_trail_is_its_last) {
  ASSERT_THAT(create("main"), StartsWith("{"));
  EXPECT_EQ(text("StartLogging", {{"Name", "main"}}), "{}");
  for (const auto* operation : {"StopLogging", "DeleteTrail"}) {
    auto call = make(operation, {{"Name", "main"}});
    const auto outcome = run(service->run(call));
    ASSERT_TRUE(outcome);
    EXPECT_TRUE(outcome->effects.outbox.empty());
    EXPECT_EQ(outcome->outbox_behind.size(), 1U);
  }
}

TEST_F(CloudTrailTest, the_status_says_how_digests_go) {
  ASSERT_THAT(create("main"), StartsWith("{"));
  EXPECT_THAT(text("GetTrailStatus", {{"Name", "main"}}), Not(HasSubstr("LatestDigest")));
  const delivery::StatusName name{.trail_arn = arn("main"), .trail_created = kNow, .region = "us-east-1"};
  const auto put = [&](const delivery::Status& status) {
    catalog::Transaction write;
    write.writes.push_back({name.status_key(), delivery::to_document(status), std::nullopt});
    EXPECT_TRUE(run(catalog.commit(std::move(write))));
    return text("GetTrailStatus", {{"Name", "main"}});
  };
  delivery::Status status;
  status.digest_delivered = kNow;
  EXPECT_THAT(put(status), HasSubstr(R"("LatestDigestDeliveryTime":1772446500.123)"));
  status.digest_error = "AccessDenied";
  EXPECT_THAT(put(status), HasSubstr(R"("LatestDigestDeliveryError":"AccessDenied")"));
  EXPECT_THAT(put(status), Not(HasSubstr("LatestDeliveryError")));
}

TEST_F(CloudTrailTest, logging_starts_and_stops_once) {
  ASSERT_THAT(create("main"), StartsWith("{"));
  EXPECT_THAT(text("GetTrailStatus", {{"Name", "main"}}),
              StartsWith(R"({"IsLogging":false,"LatestDeliveryAttemptTime":"")"));
  EXPECT_EQ(text("StartLogging", {{"Name", "main"}}), "{}");
  now += Millis{60'000};
  const auto before = controls();
  EXPECT_EQ(text("StartLogging", {{"Name", "main"}}), "{}");
  EXPECT_EQ(controls(), before) << "nothing changed";
  const auto status = text("GetTrailStatus", {{"Name", "main"}});
  EXPECT_THAT(status, HasSubstr(R"("IsLogging":true)"));
  EXPECT_THAT(status, HasSubstr(R"("TimeLoggingStarted":"2026-03-02T10:15:00Z")"));
  EXPECT_THAT(status, HasSubstr(R"("TimeLoggingStopped":"")"));
  EXPECT_EQ(text("StopLogging", {{"Name", "main"}}), "{}");
  EXPECT_THAT(text("GetTrailStatus", {{"Name", "main"}}),
              HasSubstr(R"("TimeLoggingStopped":"2026-03-02T10:16:00Z")"));
}

TEST_F(CloudTrailTest, tags) {
  ASSERT_THAT(create("main", "us-east-1", true), StartsWith("{"));
  const auto tag = [&](array tags) {
    return text("AddTags", {{"ResourceId", arn("main")}, {"TagsList", std::move(tags)}});
  };
  EXPECT_EQ(tag({object{{"Key", "none"}}, object{{"Key", "empty"}, {"Value", ""}},
                 object{{"Key", "team"}, {"Value", "a"}}}),
            "{}");
  EXPECT_EQ(tag({object{{"Key", "team"}, {"Value", "über"}}}), "{}");
  const object ids{{"ResourceIdList", array{arn("main")}}};
  EXPECT_EQ(
      text("ListTags", ids),
      R"({"ResourceTagList":[{"ResourceId":"arn:aws:cloudtrail:us-east-1:111122223333:trail/main","TagsList":[)"
      R"({"Key":"empty","Value":""},{"Key":"none"},{"Key":"team","Value":"über"}]}]})");
  EXPECT_EQ(text("RemoveTags", {{"ResourceId", arn("main")},
                                {"TagsList", {object{{"Key", "team"}}, object{{"Key", "nobody"}}}}}),
            "{}");
  EXPECT_THAT(text("ListTags", ids), Not(HasSubstr("team")));

  std::string wide;
  for (int i = 0; i < 128; ++i) {
    wide += "ü";
  }
  EXPECT_EQ(tag({object{{"Key", wide}}}), "{}") << "128 characters, 256 bytes";
  for (const auto& bad :
       {array{object{{"Key", ""}}}, array{object{{"Key", "a"}}, object{{"Key", "a"}}},
        array{object{{"Key", "AWS:x"}}}, array{object{{"Key", wide + "x"}}}, array{object{{"Key", "a;b"}}}}) {
    EXPECT_THAT(tag(bad), StartsWith("InvalidTagParameterException")) << json::serialize(bad);
  }
  array many;
  for (int i = 0; i < 51; ++i) {
    many.push_back(object{{"Key", std::to_string(i)}});
  }
  EXPECT_THAT(tag(many), StartsWith("TagsLimitExceededException"));
  EXPECT_THAT(text("AddTags", {}), StartsWith("CloudTrailARNInvalidException")) << "the ARN comes first";
  EXPECT_THAT(text("AddTags", {{"ResourceId", arn("main")}}), StartsWith("InvalidTagParameterException"))
      << "TagsList is required";
  EXPECT_THAT(text("AddTags", {{"ResourceId", "main"}, {"TagsList", array{}}}),
              StartsWith("CloudTrailARNInvalidException"));
  EXPECT_THAT(text("ListTags", {{"ResourceIdList", array{arn("main"), arn("nobody")}}}),
              StartsWith("ResourceNotFoundException"));
  EXPECT_THAT(text("ListTags", ids, "eu-west-1"), StartsWith("ResourceNotFoundException"))
      << "current Region only";
  const auto of_kind = [&](const std::string& kind) {
    return text("ListTags",
                {{"ResourceIdList", {"arn:aws:cloudtrail:us-east-1:111122223333:" + kind + "/x"}}});
  };
  EXPECT_THAT(of_kind("channel"), StartsWith("ResourceNotFoundException"))
      << "it could have tags, were it there";
  EXPECT_THAT(of_kind("query"), StartsWith("ResourceTypeNotSupportedException"));
}

TEST_F(CloudTrailTest, permission_is_asked_for_what_is_named) {
  const auto asked = [&](std::string_view operation, object input) {
    auto call = make(operation, std::move(input));
    const auto asks = run(service->asks(call));
    std::string all;
    for (const auto& ask : *asks) {
      all += ask.action + " " + ask.resource + ";";
    }
    return all;
  };
  EXPECT_EQ(asked("DeleteTrail", {{"Name", "main"}}), "cloudtrail:DeleteTrail " + arn("main") + ";");
  EXPECT_EQ(asked("AddTags", {{"ResourceId", arn("x")}}), "cloudtrail:AddTags " + arn("x") + ";");
  EXPECT_EQ(asked("ListTags", {{"ResourceIdList", array{arn("x"), arn("y")}}}),
            "cloudtrail:ListTags " + arn("x") + ";cloudtrail:ListTags " + arn("y") + ";");
  EXPECT_EQ(asked("LookupEvents", {}), "cloudtrail:LookupEvents *;");
}

TEST_F(CloudTrailTest, lookup_shows_events) {
  EXPECT_EQ(
      text("LookupEvents", {{"MaxResults", 7}, {"StartTime", 1772446000}, {"EndTime", 1772446500.5}}),
      R"({"Events":[{"EventId":"id-1","EventName":"CreateTrail","ReadOnly":"false","EventTime":1772446500.123,)"
      R"("EventSource":"cloudtrail.amazonaws.com","Resources":[{"ResourceName":"nameless"},)"
      R"({"ResourceType":"AWS::S3::Bucket","ResourceName":"kestrel"}],"CloudTrailEvent":"{}"}]})");
  EXPECT_EQ(history.asked.account, kAccount);
  EXPECT_EQ(history.asked.region, "us-east-1");
  EXPECT_EQ(history.asked.limit, 7U);
  EXPECT_EQ(*history.asked.to, Time{Millis{1'772'446'500'500}});
}

TEST_F(CloudTrailTest, lookup_refuses) {
  const auto one = [](std::string_view key, std::string_view value) {
    return object{{"LookupAttributes", array{object{{"AttributeKey", key}, {"AttributeValue", value}}}}};
  };
  auto two = one("EventName", "x");
  two["LookupAttributes"].as_array().push_back(two["LookupAttributes"].as_array()[0]);
  auto insight = one("Username", "x");
  insight["EventCategory"] = "insight";
  const struct {
    object input;
    std::string_view code;
  } rows[] = {
      {one("Nothing", "x"), "InvalidLookupAttributesException"},
      {one("eventname", "x"), "InvalidLookupAttributesException"},
      {one("EventName", ""), "InvalidLookupAttributesException"},
      {one("EventName", std::string(2001, 'x')), "InvalidLookupAttributesException"},
      {one("EventName", std::string(1001, '_')), "InvalidLookupAttributesException"},
      {two, "InvalidLookupAttributesException"},
      {insight, "InvalidLookupAttributesException"},
      {{{"EventCategory", "Insight"}}, "InvalidEventCategoryException"},
      {{{"EventCategory", "insight"}, {"NextToken", "x"}}, "InvalidNextTokenException"},
      {{{"MaxResults", 0}}, "InvalidMaxResultsException"},
      {{{"MaxResults", 51}}, "InvalidMaxResultsException"},
      {{{"StartTime", 1772446500}, {"EndTime", 1772446499}}, "InvalidTimeRangeException"},
      {{{"EndTime", 1700000000}}, "InvalidTimeRangeException"},
      {{{"StartTime", 1e300}}, "InvalidTimeRangeException"},
      {{{"EndTime", -1e18}}, "InvalidTimeRangeException"},
      {{{"NextToken", "%%"}}, "InvalidNextTokenException"},
      {{{"NextToken", "AAAA"}}, "InvalidNextTokenException"},
  };
  for (const auto& row : rows) {
    EXPECT_THAT(text("LookupEvents", row.input), StartsWith(std::string(row.code) + ":"))
        << json::serialize(row.input).substr(0, 200);
  }
  EXPECT_THAT(text("LookupEvents", one("EventName", std::string(1000, '_'))), StartsWith("{"));
  EXPECT_EQ(text("LookupEvents", {{"EventCategory", "insight"}}), R"({"Events":[]})");
  ready = false;
  EXPECT_THAT(text("LookupEvents"), StartsWith("ServiceUnavailable"));
  ready = true;
  history.error = Errc::unavailable;
  EXPECT_THAT(text("LookupEvents"), StartsWith("ServiceUnavailable"));
}

TEST_F(CloudTrailTest, next_token_belongs_to_its_parameters) {
  history.next =
      store::Bookmark{.snapshot = journal::Position{9}, .time = kNow, .position = journal::Position{3}};
  const object query{{"StartTime", 1772446000}, {"MaxResults", 5}};
  const auto token =
      std::string(json::parse_object(text("LookupEvents", query))->at("NextToken").as_string());
  auto again = query;
  again["NextToken"] = token;
  EXPECT_THAT(text("LookupEvents", again), StartsWith("{"));
  ASSERT_TRUE(history.bookmark);
  EXPECT_EQ(history.bookmark->snapshot, journal::Position{9});
  EXPECT_EQ(history.bookmark->time, kNow);
  EXPECT_EQ(history.bookmark->position, journal::Position{3});
  auto other = again;
  other["MaxResults"] = 6;
  EXPECT_THAT(text("LookupEvents", other), StartsWith("InvalidNextTokenException"));
  EXPECT_THAT(text("LookupEvents", again, "eu-west-1"), StartsWith("InvalidNextTokenException"));
}

}  // namespace
}  // namespace cairn::services::cloudtrail
