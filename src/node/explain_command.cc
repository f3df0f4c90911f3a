// `cairn explain`: which trails of a running Cairn take a record, and why. Asks it as any client would, with
// the credentials in its data folder. Tested by conformance/test_selectors.py.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "access/credentials_file.h"
#include "async/loops.h"
#include "json/json.h"
#include "json/records.h"
#include "node/command_line.h"
#include "remote/remote_client.h"
#include "trail/explain.h"

namespace cairn::node {
namespace {

constexpr const char* kDefaultEndpoint = "http://127.0.0.1:4586";

struct ExplainArguments {
  std::string data = "./cairn-data";
  std::string endpoint;
  std::string record;
};

Error refused(const aws::Fault& fault) {
  return Error{Errc::denied, fault.code + ": " + fault.message};
}

// Calls of one account in one Region.
class Asker {
 public:
  Asker(aws::Client& client, async::Executor executor, std::string region)
      : client_(client), executor_(std::move(executor)), region_(std::move(region)) {}

  Result<json::object> ask(std::string operation, json::object input) {
    aws::ClientCall call;
    call.service = "cloudtrail";
    call.operation = std::move(operation);
    call.region = region_;
    call.input = std::move(input);
    auto answer = async::run(executor_, client_.call(std::move(call)));
    return answer ? Result<json::object>(std::move(answer->output)) : refused(answer.error());
  }

 private:
  aws::Client& client_;
  async::Executor executor_;
  const std::string region_;
};

// Whoever is shown an organization's trail is in the organization. Which one does not matter here.
constexpr std::string_view kTheirs = "its organization";

// As far as selecting goes.
Result<trail::Trail> trail_of(Asker& asker, const json::object& shown) {
  const auto text = [&](std::string_view member) {
    return std::string(json::find_string(shown, member).value_or(""));
  };
  const auto flag = [&](std::string_view member) { return json::find_bool(shown, member).value_or(false); };
  trail::Trail trail;
  trail.name = text("Name");
  trail.home_region = text("HomeRegion");
  trail.multi_region = flag("IsMultiRegionTrail");
  trail.include_global_service_events = flag("IncludeGlobalServiceEvents");
  trail.organization = flag("IsOrganizationTrail") ? kTheirs : "";
  const auto arn = text("TrailARN");
  CAIRN_TRY(const auto status, asker.ask("GetTrailStatus", {{"Name", arn}}));
  trail.logging = json::find_bool(status, "IsLogging").value_or(false);
  if (flag("HasCustomEventSelectors")) {
    CAIRN_TRY(const auto selectors, asker.ask("GetEventSelectors", {{"TrailName", arn}}));
    auto read = trail::read_selectors(json::find_array(selectors, "EventSelectors"),
                                      json::find_array(selectors, "AdvancedEventSelectors"));
    if (!read) {  // a server of another kind, or of another time
      return refused(read.error());
    }
    trail.selectors = *std::move(read);
  }
  return trail;
}

Result<void> explain_one(const ExplainArguments& arguments, async::Executor executor,
                         std::string_view record) {
  CAIRN_TRY(const auto event, event::view(record));
  const std::string account(event.recipient_account.view());
  CAIRN_TRY(auto key,
            access::read_credentials(std::filesystem::path(arguments.data) / "credentials", account));
  CAIRN_TRY(const auto client, remote::connect({.url = arguments.endpoint,
                                                .region = "",
                                                .credentials = {.access_key = std::move(key.key_id),
                                                                .secret = std::move(key.secret),
                                                                .session_token = ""}},
                                               system_clock()));
  Asker asker(*client, executor, std::string(event.region.view()));
  CAIRN_TRY(const auto described, asker.ask("DescribeTrails", {{"includeShadowTrails", true}}));
  fmt::print("{} {} in {} of account {}\n", event.event_id.view(), event.name.view(), event.region.view(),
             account);
  const auto* list = json::find_array(described, "trailList");
  if (list == nullptr || list->empty()) {
    fmt::print("  no trail of the account is in this Region\n");
    return {};
  }
  for (const auto& shown : *list) {
    CAIRN_TRY(auto trail, trail_of(asker, shown.as_object()));
    trail.account = account;
    CAIRN_TRY(const auto explained, trail::explain(trail, event, record, kTheirs));
    fmt::print("  {:<8} {}  {}\n", explained.takes ? "takes" : "does not",
               json::find_string(shown.as_object(), "TrailARN").value_or(""), explained.why);
  }
  return {};
}

Result<void> explain_all(const ExplainArguments& arguments) {
  std::ifstream file(arguments.record, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) {
    return Error{Errc::not_found, "cannot read the record", arguments.record};
  }
  std::vector<json::Record> records;
  if (const auto split = json::split_records(text, {}, records); !split) {
    return split.error().error();
  }
  async::Loops loops(1);
  for (const auto& record : records) {
    CAIRN_TRY_VOID(explain_one(arguments, loops.at(0).get_executor(), record.raw));
  }
  return {};
}

int explain(ExplainArguments arguments) {
  if (arguments.endpoint.empty()) {
    const char* const named = std::getenv("AWS_ENDPOINT_URL");
    arguments.endpoint = named != nullptr ? named : kDefaultEndpoint;
  }
  const auto done = explain_all(arguments);
  return done ? 0 : complain(done.error());
}

}  // namespace

void add_explain(CLI::App& app, Chosen& chosen) {
  const auto arguments = std::make_shared<ExplainArguments>();
  auto* command = app.add_subcommand("explain", "say which trails of a running Cairn take a record, and why");
  command->add_option("--record", arguments->record, "a CloudTrail record, or a log file's JSON")->required();
  command->add_option("--data", arguments->data, "the data folder, for its credentials");
  command->add_option("--endpoint", arguments->endpoint,
                      "default: $AWS_ENDPOINT_URL, else http://127.0.0.1:4586");
  command->callback([arguments, &chosen] { chosen = [arguments] { return explain(*arguments); }; });
}

}  // namespace cairn::node
