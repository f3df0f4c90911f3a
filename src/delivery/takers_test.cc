// Which trails take which records: many generated selectors by many records (real ones of $CAIRN_TEST_DATA, and some of
// our own), decided as a plain evaluator decides that reads selectors and records as JSON.
#include "delivery/takers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include "codec/gzip.h"
#include "delivery/selectors_testing.h"
#include "event/record.h"
#include "json/json.h"

namespace cairn::delivery {
namespace {

namespace fs = std::filesystem;
using testing::names_of;
using testing::plainly_takes;
using testing::text_at;

constexpr std::string_view kAccount = "210987654321";
constexpr std::size_t kSets = 200;
constexpr std::size_t kRecords = 2000;

// ---- records ----

struct Given {
  std::string text;
  json::object json;
  event::View view;
};

void add(const json::value& value, std::vector<Given>& into) {
  if (value.is_array()) {
    for (const auto& one : value.get_array()) {
      add(one, into);
    }
    return;
  }
  if (!value.is_object() || into.size() >= kRecords) {
    return;
  }
  const auto& object = value.get_object();
  if (object.contains("eventName") && object.contains("eventSource")) {
    auto text = json::serialize(object);
    if (auto view = event::view(text)) {
      view->recipient_account = std::string(kAccount);
      into.push_back({std::move(text), object, *std::move(view)});
    }
    return;
  }
  for (const auto& [name, inner] : object) {
    add(inner, into);
  }
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (path.extension() == ".gz") {
    auto unpacked = codec::gzip_decompress(bytes, 64U << 20);
    return unpacked ? *std::move(unpacked) : "";
  }
  return bytes;
}

std::vector<Given> real_records() {
  std::vector<Given> all;
  const char* folder = std::getenv("CAIRN_TEST_DATA");
  if (folder == nullptr || !fs::exists(fs::path(folder) / "cloudtrail")) {
    return all;
  }
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(folder) / "cloudtrail")) {
    if (entry.is_regular_file()) {
      paths.push_back(entry.path());
    }
  }
  std::ranges::sort(paths);
  std::ranges::shuffle(paths, std::mt19937(1));
  for (const auto& path : paths) {
    if (const auto parsed = json::parse(read_file(path))) {
      add(*parsed, all);
    }
  }
  return all;
}

std::vector<Given> own_records() {
  const std::string begin =
      R"({"eventVersion":"1.11","eventID":"1","eventTime":"2026-03-02T10:15:00Z","awsRegion":"eu-west-1",)";
  const char* const rests[] = {
      R"("eventSource":"iam.amazonaws.com","eventName":"CreateUser","readOnly":false,"eventCategory":"Management"})",
      R"("eventSource":"kms.amazonaws.com","eventName":"Decrypt","readOnly":true,"eventCategory":"Management"})",
      R"("eventSource":"ec2.amazonaws.com","eventName":"RunInstances"})",
      R"("eventSource":"s3.amazonaws.com","eventName":"GetObject","readOnly":true,"eventCategory":"Data","userIdentity":{"arn":"arn:aws:iam::210987654321:user/wren"},"resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::kestrel-nest/a/b"},{"type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::kestrel-nest"}]})",
      R"("eventSource":"s3.amazonaws.com","eventName":"DeleteObject","readOnly":false,"eventCategory":"Data","sessionCredentialFromConsole":"true","resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::kestrel-nest/eggs"},{"type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::kestrel-nest"}]})",
      R"("eventSource":"s3.amazonaws.com","eventName":"ListObjects","readOnly":true,"eventCategory":"Data","resources":[{"type":"AWS::S3::Object","ARNPrefix":"arn:aws:s3:::kestrel-nest/"},{"type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::kestrel-nest"}]})",
      R"("eventSource":"s3.amazonaws.com","eventName":"DeleteObjects","readOnly":false,"eventCategory":"Data","resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::one/a"},{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::kestrel-nest/z"}]})",
      R"("eventSource":"lambda.amazonaws.com","eventName":"Invoke","readOnly":false,"eventCategory":"Data","resources":[{"type":"AWS::Lambda::Function","ARN":"arn:aws:lambda:eu-west-1:210987654321:function:hover"}]})",
      R"("eventSource":"dynamodb.amazonaws.com","eventName":"GetRecords","readOnly":true,"eventCategory":"Data","resources":[{"type":"AWS::DynamoDB::Stream","ARN":"arn:aws:dynamodb:eu-west-1:210987654321:table/t/stream/2026"}]})",
      R"("eventSource":"s3.amazonaws.com","eventName":"GetObject","readOnly":true,"eventCategory":"NetworkActivity","errorCode":"VpceAccessDenied","vpcEndpointId":"vpce-1"})",
  };
  std::vector<Given> all;
  for (const auto* rest : rests) {
    add(*json::parse(begin + rest), all);
  }
  return all;
}

// ---- selectors ----

// Values that occur in the records, so that selectors select something.
class Words {
 public:
  Words(const std::vector<Given>& records, unsigned seed) : random_(seed) {
    for (const auto& record : records) {
      for (const auto* field : {"eventName", "eventSource", "eventType", "userIdentity.arn", "vpcEndpointId"}) {
        if (auto text = text_at(record.json, field); !text.empty()) {
          words_[field].push_back(std::move(text));
        }
      }
      for (const auto* type : {"AWS::S3::Object", "AWS::Lambda::Function", "AWS::DynamoDB::Table"}) {
        std::ranges::move(names_of(record.json, type), std::back_inserter(words_[type]));
      }
    }
  }

  std::size_t below(std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_); }
  bool maybe() { return below(2) == 0; }

  std::string word(const std::string& of) {
    const auto& all = words_[of];
    return all.empty() || below(8) == 0 ? "nothing has this" : all[below(all.size())];
  }
  std::string part(const std::string& of, bool beginning) {
    const auto text = word(of);
    const auto length = 1 + below(text.size());
    return beginning ? text.substr(0, length) : text.substr(text.size() - length);
  }

 private:
  std::mt19937 random_;
  std::map<std::string, std::vector<std::string>> words_;
};

json::object field_of(Words& words, const std::string& field, const std::string& vocabulary) {
  json::object out{{"Field", field}};
  const char* const ops[] = {"Equals", "StartsWith", "EndsWith", "NotEquals", "NotStartsWith", "NotEndsWith"};
  for (std::size_t count = 1 + words.below(2); count > 0; --count) {
    const std::string_view op = ops[words.below(std::size(ops))];
    json::array values;
    for (std::size_t i = 1 + words.below(3); i > 0; --i) {
      values.emplace_back(op.ends_with("tsWith") ? words.part(vocabulary, true)
                          : op.ends_with("With") ? words.part(vocabulary, false)
                                                 : words.word(vocabulary));
    }
    out[op] = std::move(values);
  }
  return out;
}

json::object equals(std::string_view field, std::string_view value) {
  return {{"Field", field}, {"Equals", json::array{json::value(value)}}};
}

json::object advanced(Words& words) {
  json::array fields;
  const auto category = words.below(8);
  if (category < 2) {
    fields.push_back(equals("eventCategory", "Management"));
    if (words.maybe()) {
      fields.push_back(json::object{{"Field", "eventSource"}, {"NotEquals", json::array{"kms.amazonaws.com"}}});
    }
  } else if (category == 2) {
    fields = {equals("eventCategory", "NetworkActivity"), equals("eventSource", "s3.amazonaws.com")};
    if (words.maybe()) {
      fields.push_back(field_of(words, "vpcEndpointId", "vpcEndpointId"));
    }
    return {{"FieldSelectors", std::move(fields)}};
  } else {
    const char* const types[] = {"AWS::S3::Object", "AWS::S3::Object", "AWS::DynamoDB::Table", "AWS::SQS::Queue"};
    const std::string type = types[words.below(std::size(types))];
    fields = {equals("eventCategory", "Data"), equals("resources.type", type)};
    for (const auto* field : {"eventName", "eventSource", "eventType", "userIdentity.arn"}) {
      if (words.below(4) == 0) {
        fields.push_back(field_of(words, field, field));
      }
    }
    if (words.maybe()) {
      fields.push_back(field_of(words, "resources.ARN", type));
    }
    if (words.below(6) == 0) {
      fields.push_back(json::object{{"Field", "sessionCredentialFromConsole"},
                                    {words.maybe() ? "Equals" : "NotEquals", json::array{"true"}}});
    }
  }
  if (words.below(3) == 0) {
    fields.push_back(equals("readOnly", words.maybe() ? "true" : "false"));
  }
  return {{"FieldSelectors", std::move(fields)}};
}

json::object basic(Words& words) {
  const char* const kinds[] = {"All", "ReadOnly", "WriteOnly"};
  json::array data;
  if (words.below(4) != 0) {
    auto value = words.part("AWS::S3::Object", true);
    const bool usable = value.starts_with("arn:aws:s3:::") && value.find('/') != std::string::npos && value.find('*') == std::string::npos;
    data.push_back(json::object{{"Type", "AWS::S3::Object"},
                                {"Values", json::array{json::value(usable ? value : "arn:aws:s3:::kestrel-nest/")}}});
  }
  if (words.below(4) == 0) {
    data.push_back(json::object{{"Type", "AWS::DynamoDB::Table"},
                                {"Values", json::array{"arn:aws:dynamodb:eu-west-1:210987654321:table/t"}}});
  }
  if (words.below(4) == 0) {
    data.push_back(json::object{{"Type", "AWS::Lambda::Function"}, {"Values", json::array{"arn:aws:lambda"}}});
  }
  if (words.below(6) == 0) {
    data.push_back(json::object{{"Type", "AWS::S3::Object"}, {"Values", json::array{"arn:aws:s3"}}});
  }
  json::array excluded;
  if (words.maybe()) {
    excluded.push_back("kms.amazonaws.com");
  }
  return {{"ReadWriteType", kinds[words.below(3)]},
          {"IncludeManagementEvents", words.maybe()},
          {"DataResources", std::move(data)},
          {"ExcludeManagementEventSources", std::move(excluded)}};
}

json::object selectors(Words& words) {
  const bool is_basic = words.below(3) == 0;
  json::array list;
  for (std::size_t i = 1 + words.below(3); i > 0; --i) {
    list.push_back(is_basic ? basic(words) : advanced(words));
  }
  return {{is_basic ? "EventSelectors" : "AdvancedEventSelectors", std::move(list)}};
}

// ---- the comparison ----

std::size_t compare(const std::vector<Given>& records, unsigned seed) {
  Words words(records, seed);
  std::vector<json::object> sets;
  std::vector<trail::Trail> trails;
  for (std::size_t i = 0; i < kSets; ++i) {
    sets.push_back(selectors(words));
    auto read = trail::read_selectors(json::find_array(sets.back(), "EventSelectors"),
                                      json::find_array(sets.back(), "AdvancedEventSelectors"));
    EXPECT_TRUE(read) << json::serialize(sets.back()) << (read ? "" : read.error().message);
    trails.push_back({.account = std::string(kAccount),
                      .name = std::to_string(1000 + i),
                      .home_region = "eu-west-1",
                      .multi_region = true,
                      .logging = true,
                      .selectors = read ? *std::move(read) : trail::Selectors::standard()});
  }
  std::vector<const trail::Trail*> all;
  for (const auto& trail : trails) {
    all.push_back(&trail);
  }
  const Takers takers(all);
  std::vector<match::OwnedPattern> patterns;
  for (const auto& one : takers.patterns()) {
    patterns.push_back({.owner = 0, .id = one.id, .pattern = one.pattern});
  }
  const auto matcher = match::compile(patterns).value();
  match::Scratch scratch;
  std::size_t taken = 0;
  for (const auto& record : records) {
    std::vector<match::Hit> hits;
    EXPECT_TRUE(matcher->match(record.text, scratch, hits)) << record.text;
    std::set<std::string> takes;
    takers.each(record.view, hits, [&](const Taker& taker) { takes.insert(taker.trail->name); });
    taken += takes.size();
    for (std::size_t i = 0; i < kSets; ++i) {
      const bool expected = plainly_takes(sets[i], record.json, event::to_string(record.view.category), record.view.read_only);
      EXPECT_EQ(takes.contains(trails[i].name), expected) << json::serialize(sets[i]) << "\n" << record.text;
    }
    if (::testing::Test::HasFailure()) {
      break;
    }
  }
  return taken;
}

TEST(Takers, generated_selectors_by_records_of_our_own) {
  const auto records = own_records();
  ASSERT_EQ(records.size(), 10U);
  std::size_t taken = 0;
  for (unsigned seed = 1; seed <= 10; ++seed) {
    taken += compare(records, seed);
  }
  EXPECT_GT(taken, 2'000U) << "selectors that select nothing say nothing";
}

TEST(Takers, generated_selectors_by_real_records) {
  const auto records = real_records();
  if (records.empty()) {
    GTEST_SKIP() << "no CAIRN_TEST_DATA";
  }
  ASSERT_EQ(records.size(), kRecords);
  EXPECT_GT(compare(records, 7), kRecords * 10);
}

TEST(Takers, trails_that_ask_alike_share_a_pattern) {
  std::vector<trail::Trail> trails;
  for (int i = 0; i < 100; ++i) {
    trails.push_back({.account = std::string(kAccount), .name = std::to_string(100 + i), .home_region = "eu-west-1", .logging = true});
    trails.back().selectors = trail::Selectors{
        .basic = {{.data = {{"AWS::S3::Object", {i % 2 == 0 ? "arn:aws:s3" : "arn:aws:s3:::kestrel/"}}}}}, .advanced = {}};
  }
  trails.push_back(trails.back());
  trails.back().logging = false;
  trails.back().selectors->basic[0].data[0].values = {"arn:aws:s3:::another/"};
  std::vector<const trail::Trail*> all;
  for (const auto& trail : trails) {
    all.push_back(&trail);
  }
  EXPECT_EQ(Takers(all).patterns().size(), 2U);
}

TEST(Takers, what_finds_no_room_takes_more_and_not_less) {
  auto trail = [](std::string name, std::string value) {
    trail::Trail made{.account = std::string(kAccount), .name = std::move(name), .home_region = "eu-west-1", .logging = true};
    made.selectors = trail::Selectors{.basic = {{.data = {{"AWS::S3::Object", {std::move(value)}}}}}, .advanced = {}};
    return made;
  };
  const auto one = trail("one", "arn:aws:s3:::one/");
  const auto two = trail("two", "arn:aws:s3:::two/");
  event::View event;
  event.recipient_account = std::string(kAccount);
  event.region = "eu-west-1";
  event.category = event::Category::data;
  const auto bytes = trail::rules_of(one.selected()).back().wanted->text.size();
  for (const auto limits : {TakerLimits{.patterns_max = 1}, TakerLimits{.pattern_bytes_max = 2 * bytes - 1}}) {
    const Takers takers({&one, &two}, limits);
    EXPECT_EQ(takers.crowded(), 1U);
    std::vector<std::string> names;
    takers.each(event, {}, [&](const Taker& taker) { names.push_back(taker.trail->name); });
    EXPECT_EQ(names, std::vector<std::string>{"two"}) << "nothing matches, and two could not ask";
  }
}

}  // namespace
}  // namespace cairn::delivery
