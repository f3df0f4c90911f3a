// Tested by queues_test.cc; fuzzed by queue_documents_fuzz.cc.
#include "queues/queue.h"

#include "catalog/document_reader.h"
#include "json/json.h"

namespace cairn::queues {
namespace {

constexpr std::int64_t kQueueFormat = 1;

std::string_view partition_of(std::string_view region) {
  return region.starts_with("cn-") ? "aws-cn" : region.starts_with("us-gov-") ? "aws-us-gov" : "aws";
}

json::object encoded(const Settings& settings) {
  return {{"visibility", settings.visibility},
          {"delay", settings.delay},
          {"wait", settings.wait},
          {"retention", settings.retention},
          {"messageBytes", settings.message_bytes},
          {"policy", settings.policy},
          {"deadLetters", settings.dead_letters},
          {"receivesMost", settings.receives_most},
          {"deadLettersOf", settings.dead_letters_of},
          {"sealed", settings.sealed}};
}

Settings decode_settings(catalog::DocumentReader& read) {
  const auto from = read.object("settings");
  const auto number = [&](std::string_view name) {
    const auto value = json::find_int(from, name);
    read.expect(value && *value >= 0);
    return value.value_or(0);
  };
  const auto text = [&](std::string_view name) {
    const auto value = json::find_string(from, name);
    read.expect(value.has_value());
    return std::string(value.value_or(""));
  };
  const auto sealed = json::find_bool(from, "sealed");
  read.expect(sealed.has_value());
  return {.visibility = number("visibility"),
          .delay = number("delay"),
          .wait = number("wait"),
          .retention = number("retention"),
          .message_bytes = number("messageBytes"),
          .policy = text("policy"),
          .dead_letters = text("deadLetters"),
          .receives_most = number("receivesMost"),
          .dead_letters_of = text("deadLettersOf"),
          .sealed = sealed.value_or(true)};
}

}  // namespace

std::string queue_arn(std::string_view account, std::string_view region, std::string_view name) {
  std::string arn = "arn:";
  arn.append(partition_of(region))
      .append(":sqs:")
      .append(region)
      .append(":")
      .append(account)
      .append(":")
      .append(name);
  return arn;
}

std::string Queue::arn() const {
  return queue_arn(account, region, name);
}

std::string queue_prefix(std::string_view account, std::string_view region) {
  return std::string(kQueuesPrefix) + std::string(account) + "/" + std::string(region) + "/";
}

std::string queue_key(std::string_view account, std::string_view region, std::string_view name) {
  return queue_prefix(account, region) + std::string(name);
}

std::string gone_key(std::string_view id) {
  return std::string(kGonePrefix) + std::string(id);
}

std::string encode(const Queue& queue) {
  json::array tags;
  for (const auto& [name, value] : queue.tags) {
    tags.push_back(json::array{json::value(name), json::value(value)});
  }
  json::object made{{"v", kQueueFormat},
                    {"id", queue.id},
                    {"account", queue.account},
                    {"region", queue.region},
                    {"name", queue.name},
                    {"created", catalog::millis(queue.created)},
                    {"modified", catalog::millis(queue.modified)},
                    {"tags", std::move(tags)},
                    {"purged", queue.purged},
                    {"purgedAt", catalog::millis(queue.purged_at)},
                    {"gone", queue.gone}};
  made["settings"] = encoded(queue.settings);
  return json::serialize(made);
}

Result<Queue> decode_queue(const catalog::Document& document) {
  catalog::DocumentReader read(document, kQueueFormat);
  Queue queue{.id = read.text("id"),
              .account = read.text("account"),
              .region = read.text("region"),
              .name = read.text("name"),
              .created = read.time("created"),
              .modified = read.time("modified"),
              .tags = read.pairs("tags"),
              .purged = read.text("purged"),
              .purged_at = read.time("purgedAt"),
              .gone = read.truth("gone")};
  queue.settings = decode_settings(read);
  read.expect(!queue.id.empty() && document.key == queue_key(queue.account, queue.region, queue.name));
  return read.finish(std::move(queue));
}

Task<Result<std::optional<StoredQueue>>> load_queue(catalog::Catalog& catalog, std::string account,
                                                    std::string region, std::string name) {
  CAIRN_CO_TRY(const auto document, co_await catalog.get(queue_key(account, region, name)));
  if (!document) {
    co_return std::optional<StoredQueue>{};
  }
  CAIRN_CO_TRY(auto queue, decode_queue(*document));
  co_return std::optional(StoredQueue{.value = std::move(queue), .version = document->version});
}

catalog::Write put(const Queue& queue, catalog::Version expected) {
  return {.key = queue_key(queue.account, queue.region, queue.name),
          .value = encode(queue),
          .expected = expected};
}

catalog::Write put_gone(const Queue& queue) {
  return {.key = gone_key(queue.id),
          .value = json::serialize(json::object{{"v", kQueueFormat}}),
          .expected = std::nullopt};
}

catalog::Expectation unchanged(const StoredQueue& queue) {
  return {.key = queue_key(queue.value.account, queue.value.region, queue.value.name),
          .version = queue.version};
}

}  // namespace cairn::queues
