// `cairn tail`: the live view of a running Cairn, in a terminal or a pipe. A client of /_cairn/tail
// (live/live.h) as any other. Tested by conformance/test_tail.py.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "access/credentials_file.h"
#include "async/loops.h"
#include "codec/base64.h"
#include "crypto/hash.h"
#include "http/http.h"
#include "http/origin.h"
#include "json/json.h"
#include "node/aws_environment.h"
#include "node/command_line.h"
#include "node/tail_line.h"
#include "node/tail_terms.h"

namespace cairn::node {
namespace {

constexpr const char* kDefaultEndpoint = "http://127.0.0.1:4586";
constexpr const char* kDefaultData = "./cairn-data";
constexpr const char* kRegion = "us-east-1";  // of the signature; it means nothing here
constexpr std::size_t kLineBytesMax = 4U << 20;
constexpr std::size_t kReasonBytesMax = 64U << 10;
constexpr unsigned kPauseSeconds = 1;

struct TailArguments {
  std::vector<std::string> terms;
  std::string pattern;
  std::string since;
  std::string data;
  std::string endpoint;
  std::string output = "auto";
  bool follow = false;
};

// The data folder's if one is named, or is here and nothing else is; else as every AWS client finds them.
Result<aws::sigv4::Credentials> credentials_of(const std::string& data) {
  const auto variables = own_variables();
  const bool named =
      !variables("AWS_ACCESS_KEY_ID").empty() || !variables("AWS_SHARED_CREDENTIALS_FILE").empty();
  const auto file = std::filesystem::path(data.empty() ? kDefaultData : data) / "credentials";
  if (!data.empty() || (!named && std::filesystem::exists(file))) {
    CAIRN_TRY(auto key, access::read_credentials(file, "default"));
    return aws::sigv4::Credentials{std::move(key.key_id), std::move(key.secret), ""};
  }
  CAIRN_TRY(auto environment, aws_environment(variables));
  return std::move(environment.credentials);
}

Result<json::object> question_of(const TailArguments& arguments) {
  json::object question{{"follow", arguments.follow}};
  if (!arguments.pattern.empty() && !arguments.terms.empty()) {
    return Error{Errc::invalid, "a pattern, or terms"};
  }
  if (!arguments.pattern.empty()) {
    CAIRN_TRY(question["pattern"], json::parse_object(arguments.pattern));
  } else if (!arguments.terms.empty()) {
    CAIRN_TRY(question["pattern"], pattern_of_terms(arguments.terms));
  }
  question["since"] = !arguments.since.empty() ? arguments.since : arguments.follow ? "now" : "5m";
  return question;
}

bool is_for_a_terminal(const std::string& output) {
  return output == "text" || (output == "auto" && ::isatty(STDOUT_FILENO) == 1);
}

class Tail {
 public:
  Tail(std::string endpoint, http::Origin origin, aws::sigv4::Credentials credentials, json::object question,
       const std::string& output)
      : endpoint_(std::move(endpoint)),
        origin_(std::move(origin)),
        credentials_(std::move(credentials)),
        question_(std::move(question)),
        text_(is_for_a_terminal(output)),
        colours_(text_ && ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr),
        http_(http::Client::make({})) {}

  // Until the server ends it. What is asked next time begins where this ended.
  Task<Result<void>> follow() {
    CAIRN_CO_TRY(auto response, co_await http_->send(request()));
    if (response.head.status != 200) {
      auto reason = co_await http::read_all(*response.body, kReasonBytesMax);
      refused_ = response.head.status < 500;
      co_return Error{Errc::denied, fmt::format("{} {}", response.head.status, reason ? *reason : "")};
    }
    connected_ = true;
    std::string pending;
    for (;;) {
      CAIRN_CO_TRY(const auto piece, co_await response.body->read());
      if (piece.empty()) {
        co_return Result<void>{};
      }
      pending.append(reinterpret_cast<const char*>(piece.data()), piece.size());
      CAIRN_CO_TRY_VOID(take_lines(pending));
    }
  }

  // Did the server say no, rather than not answer?
  bool refused() const { return refused_; }
  bool connected() const { return connected_; }

 private:
  http::ClientRequest request() const {
    auto body = json::serialize(question_);
    const auto hash = codec::hex_encode(crypto::sha256(body));
    http::ClientRequest request{.url = endpoint_,
                                .head = {.method = "POST", .target = "/_cairn/tail", .headers = {}},
                                .body = nullptr};
    request.head.headers.set("Host", origin_.authority);
    request.head.headers.set("User-Agent", "cairn tail");
    request.head.headers.set("Content-Type", "application/json");
    aws::sigv4::sign_headers(request.head, {.credentials = credentials_,
                                            .region = kRegion,
                                            .service = "cairn",
                                            .time = system_clock().now(),
                                            .payload_hash = hash});
    request.body = http::body_of(std::move(body));
    return request;
  }

  Result<void> take_lines(std::string& pending) {
    std::size_t begin = 0;
    for (auto end = pending.find('\n'); end != pending.npos; end = pending.find('\n', begin)) {
      CAIRN_TRY_VOID(take_line(std::string_view(pending).substr(begin, end - begin)));
      begin = end + 1;
    }
    pending.erase(0, begin);
    if (std::fflush(stdout) != 0) {
      std::exit(0);  // who read it has gone
    }
    return pending.size() > kLineBytesMax ? Result<void>(Error{Errc::limit, "a line that does not end"})
                                          : Result<void>();
  }

  Result<void> take_line(std::string_view line) {
    CAIRN_TRY(const auto document, json::parse_object(line));
    question_["since"] = json::find_string(document, "mark").value_or("now");
    if (const auto error = json::find_string(document, "error")) {
      refused_ = true;
      return Error{Errc::not_found, std::string(*error)};
    }
    constexpr std::string_view kMember = R"("record":)";
    if (const auto at = line.find(kMember); at != line.npos) {
      auto record = line.substr(at + kMember.size());
      record.remove_suffix(1);  // the line's own brace
      fmt::print("{}\n", text_ ? line_of(record, colours_) : json_line_of(record));
    }
    return {};
  }

  const std::string endpoint_;
  const http::Origin origin_;
  const aws::sigv4::Credentials credentials_;
  json::object question_;
  const bool text_;
  const bool colours_;
  bool refused_ = false;
  bool connected_ = false;
  const std::unique_ptr<http::Client> http_;
};

Result<void> tail_until_over(const TailArguments& arguments) {
  CAIRN_TRY(auto question, question_of(arguments));
  CAIRN_TRY(auto credentials, credentials_of(arguments.data));
  CAIRN_TRY(auto origin, http::Origin::parse(arguments.endpoint));
  async::Loops loops(1);
  Tail tail(arguments.endpoint, std::move(origin), std::move(credentials), std::move(question),
            arguments.output);
  for (;;) {
    const auto done = async::run(loops.at(0).get_executor(), tail.follow());
    if (!arguments.follow || tail.refused() || !tail.connected()) {
      return done;
    }
    if (!done) {
      fmt::print(stderr, "cairn: {}; trying again\n", done.error().text());
      ::sleep(kPauseSeconds);
    }
  }
}

int tail(TailArguments arguments) {
  if (arguments.endpoint.empty()) {
    const char* const named = std::getenv("AWS_ENDPOINT_URL");
    arguments.endpoint = named != nullptr ? named : kDefaultEndpoint;
  }
  const auto done = tail_until_over(arguments);
  return done ? 0 : complain(done.error());
}

}  // namespace

void add_tail(CLI::App& app, Chosen& chosen) {
  const auto arguments = std::make_shared<TailArguments>();
  auto* command = app.add_subcommand("tail", "show what happens in a running Cairn, as it happens");
  command->add_option(
      "terms", arguments->terms,
      "field=value, of which all must hold: eventName=Put*,Get*  errorCode=*  userIdentity.userName!=ann");
  command->add_flag("-f,--follow", arguments->follow, "go on with what happens from now on");
  command->add_option("--pattern", arguments->pattern,
                      "an EventBridge pattern over the record, instead of terms");
  command->add_option("--since", arguments->since,
                      "where to begin: 10m, 2026-03-02T10:00:00Z, a mark; default: now with -f, else 5m");
  command
      ->add_option("--output", arguments->output,
                   "text, json, or auto: text on a terminal, JSON lines in a pipe")
      ->check(CLI::IsMember({"auto", "text", "json"}));
  command->add_option(
      "--data", arguments->data,
      "the data folder whose credentials to use; default: AWS_… variables, else ./cairn-data");
  command->add_option("--endpoint", arguments->endpoint,
                      "default: $AWS_ENDPOINT_URL, else http://127.0.0.1:4586");
  command->callback([arguments, &chosen] { chosen = [arguments] { return tail(*arguments); }; });
}

}  // namespace cairn::node
