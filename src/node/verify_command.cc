// `cairn verify`: is what lies in a bucket, or in a copy of one, what was delivered? integrity/verify.h; here
// is where it looks and how it is told. Tested by conformance/test_verify.py.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>

#include "aws/ids.h"
#include "base/file.h"
#include "integrity/folder_objects.h"
#include "integrity/s3_objects.h"
#include "integrity/verify.h"
#include "node/aws_environment.h"
#include "node/command_line.h"
#include "node/progress_bar.h"
#include "remote/remote_client.h"

namespace cairn::node {
namespace {

constexpr int kInvalid = 1;
constexpr int kNotLooked = 2;
constexpr std::size_t kLoopsMax = 8;
constexpr std::string_view kScheme = "s3://";

struct VerifyArguments {
  std::string place;
  std::string prefix;
  std::string from;
  std::string until;
  std::string trail_arn;
  std::string account;
  std::string region;
  std::string public_keys;
  std::string checkpoint;
  std::string endpoint;
  std::string output = "text";
  std::string settle;
  bool allow_unlisted = false;
  bool verbose = false;
};

Result<Time> time_from(const std::string& text) {
  constexpr std::size_t kDay = std::string_view("2026-03-02").size();
  return parse_rfc3339(text.size() == kDay ? text + "T00:00:00Z" : text);
}

Result<void> read_times(const VerifyArguments& arguments, integrity::Question& question) {
  if (!arguments.from.empty()) {
    CAIRN_TRY(question.from, time_from(arguments.from));
  }
  if (!arguments.until.empty()) {
    CAIRN_TRY(question.until, time_from(arguments.until));
  }
  if (!arguments.settle.empty()) {
    CAIRN_TRY(question.settle, parse_duration(arguments.settle));
  }
  return {};
}

Result<integrity::Question> question_of(const VerifyArguments& arguments) {
  integrity::Question question;
  CAIRN_TRY_VOID(read_times(arguments, question));
  question.account = arguments.account;
  question.region = arguments.region;
  question.unlisted_is_invalid = !arguments.allow_unlisted;
  if (!arguments.trail_arn.empty()) {
    CAIRN_TRY(const auto arn, aws::Arn::parse(arguments.trail_arn));
    if (arn.service() != "cloudtrail" || arn.resource_type() != "trail") {
      return Error{Errc::invalid, "not a trail's ARN", arguments.trail_arn};
    }
    question.trail = arn.resource_id();
    question.trail_account = arn.account();
    question.trail_region = arn.region();
  }
  return question;
}

Result<std::string> file_text(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  if (!file) {
    return Error{Errc::not_found, "cannot read a file", name};
  }
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

// None yet: the first run makes it.
Result<integrity::Checkpoint> read_checkpoint(const std::string& name) {
  if (name.empty() || (::access(name.c_str(), F_OK) != 0 && errno == ENOENT)) {
    return integrity::Checkpoint{};
  }
  CAIRN_TRY(const auto text, file_text(name));
  return integrity::checkpoint_from(text);
}

// Whole, or as it was.
Result<void> write_checkpoint(const std::string& name, const integrity::Checkpoint& checkpoint) {
  const auto text = integrity::to_json(checkpoint);
  const auto beside = name + ".new";
  const File file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file.is_open() ||
      ::write(file.descriptor(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::fsync(file.descriptor()) != 0 || ::rename(beside.c_str(), name.c_str()) != 0) {
    return system_error(errno, "write the checkpoint", name);
  }
  return {};
}

// Calls to the services that hold the files and the keys.
class Services {
 public:
  explicit Services(AwsEnvironment environment) : environment_(std::move(environment)) {}

  Result<std::unique_ptr<aws::Client>> connect(const std::string& url) const {
    const auto& own = environment_.credentials;
    remote::Limits limits{.answer_bytes_max = integrity::kObjectBytesMax};
    limits.http.connections_per_host_max = integrity::Question{}.at_once;
    return remote::connect({.url = url,
                            .region = "",
                            .credentials = {.access_key = own.access_key,
                                            .secret = own.secret.clone(),
                                            .session_token = own.session_token}},
                           system_clock(), limits);
  }
  Result<std::unique_ptr<aws::Client>> s3() const { return connect(environment_.s3_url()); }

  Result<integrity::PublicKeys> public_keys(async::Loops& loops, const std::set<std::string>& regions,
                                            integrity::Interval time) const {
    integrity::PublicKeys keys;
    for (const auto& region : regions) {
      CAIRN_TRY(const auto client, connect(environment_.url_of("cloudtrail", region)));
      const async::Executor executor(loops.next().get_executor());
      CAIRN_TRY(auto found, async::run(executor, integrity::listed_public_keys(*client, region, time)));
      keys.merge(found);
    }
    return keys;
  }
  const std::string& region() const { return environment_.region; }

 private:
  const AwsEnvironment environment_;
};

Result<AwsEnvironment> environment_of(const VerifyArguments& arguments) {
  CAIRN_TRY(auto environment, aws_environment(own_variables()));
  if (!arguments.endpoint.empty()) {
    environment.endpoint = arguments.endpoint;
    environment.s3_endpoint = arguments.endpoint;
  }
  if (environment.region.empty()) {
    environment.region = "us-east-1";
  }
  return environment;
}

// Goes through its members in the order in which each stands on the one before.
class Command {
 public:
  explicit Command(const VerifyArguments& arguments)
      : arguments_(arguments),
        loops_(std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kLoopsMax)) {}

  Result<integrity::Report> run() {
    CAIRN_TRY(const auto question, question_of(arguments_));
    CAIRN_TRY(auto checkpoint, read_checkpoint(arguments_.checkpoint));
    CAIRN_TRY_VOID(find_services());
    CAIRN_TRY_VOID(find_objects());
    CAIRN_TRY_VOID(read_public_keys());
    const auto before = checkpoint;
    CAIRN_TRY(auto report, verify(question, arguments_.checkpoint.empty() ? nullptr : &checkpoint));
    if (checkpoint != before) {
      CAIRN_TRY_VOID(write_checkpoint(arguments_.checkpoint, checkpoint));
    }
    return report;
  }

 private:
  bool is_in_s3() const { return arguments_.place.starts_with(kScheme); }

  Result<void> find_services() {
    if (is_in_s3() || arguments_.public_keys.empty()) {
      CAIRN_TRY(auto environment, environment_of(arguments_));
      services_.emplace(std::move(environment));
    }
    return {};
  }

  Result<void> find_objects() {
    if (!is_in_s3()) {
      if (!std::filesystem::is_directory(arguments_.place)) {
        return Error{Errc::not_found, "neither a folder nor s3://BUCKET/PREFIX", arguments_.place};
      }
      const auto& prefix = arguments_.prefix;
      objects_ = integrity::folder_objects(arguments_.place,
                                           prefix.empty() || prefix.ends_with('/') ? prefix : prefix + "/");
      return {};
    }
    const auto rest = arguments_.place.substr(kScheme.size());
    const auto slash = std::min(rest.find('/'), rest.size());
    if (slash == 0) {
      return Error{Errc::invalid, "no bucket is named", arguments_.place};
    }
    CAIRN_TRY(s3_, services_->s3());
    objects_ = integrity::s3_objects(*s3_, services_->region(), rest.substr(0, slash),
                                     slash == rest.size() ? "" : rest.substr(slash + 1));
    return {};
  }

  Result<void> read_public_keys() {
    if (!arguments_.public_keys.empty()) {
      CAIRN_TRY(const auto text, file_text(arguments_.public_keys));
      CAIRN_TRY(given_, integrity::public_keys_from(text));
    }
    return {};
  }

  Result<integrity::Report> verify(const integrity::Question& question, integrity::Checkpoint* checkpoint) {
    integrity::Progress progress;
    const ProgressBar bar(progress.done, progress.known);
    const integrity::FindKeys find = [this](const std::set<std::string>& regions, integrity::Interval time) {
      return given_ ? Result<integrity::PublicKeys>(*given_) : services_->public_keys(loops_, regions, time);
    };
    return integrity::verify(*objects_, find, question, checkpoint, loops_, progress);
  }

  const VerifyArguments& arguments_;
  std::optional<Services> services_;
  std::optional<integrity::PublicKeys> given_;
  async::Loops loops_;
  std::unique_ptr<aws::Client> s3_;  // goes before the loops
  std::unique_ptr<integrity::Objects> objects_;
};

void print_report(const VerifyArguments& arguments, const integrity::Report& report) {
  for (const auto& finding : report.findings) {
    if (finding.weight != integrity::Weight::note) {
      fmt::print(stderr, "{}\n", integrity::to_line(finding));
    } else if (arguments.verbose) {
      fmt::print("{}\n", integrity::to_line(finding));
    }
  }
  fmt::print("{}", integrity::summary(report));
}

int status_of(const integrity::Report& report) {
  if (report.count(integrity::Weight::invalid) > 0) {
    return kInvalid;
  }
  return report.is_good() && !report.chains.empty() ? 0 : kNotLooked;
}

int verify(const VerifyArguments& arguments) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto report = Command(arguments).run();
  if (!report) {
    complain(report.error());
    return kNotLooked;
  }
  if (arguments.output == "json") {
    fmt::print("{}\n", integrity::to_json(*report));
  } else {
    print_report(arguments, *report);
  }
  return status_of(*report);
}

}  // namespace

void add_verify(CLI::App& app, Chosen& chosen) {
  const auto arguments = std::make_shared<VerifyArguments>();
  auto* command =
      app.add_subcommand("verify", "say whether log files and digests are as they were delivered");
  command->add_option("place", arguments->place, "s3://BUCKET[/PREFIX], or a folder that is a copy of one")
      ->required();
  command->add_option("--prefix", arguments->prefix, "of keys, which a folder's names lack");
  command->add_option("--start-time", arguments->from,
                      "digests that end then or later: 2026-03-02T10:00:00Z, or a day");
  command->add_option("--end-time", arguments->until, "digests that end up to an hour after it");
  command->add_option("--trail-arn", arguments->trail_arn, "this trail alone");
  command->add_option("--account", arguments->account, "events of this account alone");
  command->add_option("--region", arguments->region, "events of this Region alone");
  command->add_option(
      "--public-keys", arguments->public_keys,
      "what `aws cloudtrail list-public-keys` prints, in a file; default: the endpoint is asked");
  command->add_option("--checkpoint", arguments->checkpoint,
                      "a file that keeps each chain's last digest: made, read and moved on");
  command->add_option("--endpoint-url", arguments->endpoint,
                      "default: $AWS_ENDPOINT_URL_S3, $AWS_ENDPOINT_URL, else AWS");
  command->add_option("--settle", arguments->settle,
                      "how long after its put a log file may be listed; default: 5m");
  command->add_flag("--allow-unlisted", arguments->allow_unlisted,
                    "log files that no digest lists are only told");
  command->add_option("--output", arguments->output, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->add_flag("--verbose", arguments->verbose, "also what is worth knowing and not wrong");
  command->callback([arguments, &chosen] { chosen = [arguments] { return verify(*arguments); }; });
}

}  // namespace cairn::node
