// The configuration: one YAML file, CAIRN_… variables over it, flags over both. Names and defaults: design,
// docs/operate/configuration.md.
//
// Every scalar is a Setting with a dotted name ("delivery.interval"), so that file, environment, flags and
// `cairn check-config` share one table. Unknown keys are errors that name key and line.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/bootstrap.h"
#include "aws/ids.h"
#include "base/log.h"
#include "base/result.h"
#include "base/time.h"

namespace cairn::node {

// Programs by name: a whole path, and arguments.
using Programs = std::map<std::string, std::vector<std::string>, std::less<>>;

struct Config {
  // A service that is not Cairn's own. All but the region, or nothing.
  struct Endpoint {
    std::string url;  // empty: Cairn's own
    std::string access_key;
    std::filesystem::path secret_file;
    std::string region;  // that calls are signed for; empty: that of what they are about
  };
  std::string listen = "127.0.0.1:4586";
  std::filesystem::path data = "./cairn-data";
  std::filesystem::path master_key_file;  // empty: <data>/master.key
  std::vector<std::string> regions;       // empty: AWS's commercial list
  std::vector<access::DeclaredAccount> accounts;
  struct {
    std::filesystem::path cert;  // both or none
    std::filesystem::path key;
    bool on() const { return !cert.empty(); }
  } tls;
  std::vector<std::string> proxy_protocol{};  // networks
  std::uint64_t reserve = 64ULL << 20;
  struct {
    log::Level level = log::Level::info;
    log::Format format = log::Format::text;
  } log;
  struct {
    Millis retention{90LL * 86'400'000};
  } history;
  struct {
    Millis interval{300'000};
    Millis digest_interval{3'600'000};
    std::uint64_t file_bytes_max = 50ULL << 20;
    std::uint64_t spool_bytes_max = 4ULL << 30;
  } delivery;
  struct {
    std::vector<std::string> domains{"s3.localhost", "localhost"};  // of buckets in hosts' names
  } s3;
  struct {
    Endpoint s3;   // where log files go
    Endpoint kms;  // what makes data keys
    Endpoint sns;  // the topics that trails and buckets tell
    Endpoint sqs;  // the queues that topics and buckets tell

    std::array<std::pair<std::string_view, const Endpoint*>, 4> all() const {
      return {{{"s3", &s3}, {"kms", &kms}, {"sns", &sns}, {"sqs", &sqs}}};
    }
  } endpoints;
  struct {
    std::string url;                      // that links in messages begin with; empty: where this node listens
    std::vector<std::string> http_hosts;  // that messages may be posted to; empty: any
    struct {
      std::string url;  // of the mail server; empty: no mail
      std::string from;
      std::string user;
      std::filesystem::path password_file;
      std::filesystem::path ca_file;
    } smtp;
    Programs commands;  // programs that messages may be given to
  } sns;
  struct {
    std::string url;  // that URLs of queues begin with; empty: as the caller asked for this server
  } sqs;
  struct {
    bool require_bucket_policy = true;
  } trails;
  struct {
    std::uint64_t ids = 4'000'000;
  } dedupe;
  struct {
    std::uint64_t memory = 400ULL << 20;
    Millis deadline{120'000};
  } worker;
  struct {
    bool closed = true;   // on_failure: closed, or open
    bool synced = false;  // intent: synced, or buffered
  } capture;
  struct Upstream {
    std::string service;  // a signing name, or "*"
    Endpoint endpoint;    // the url; the rest where calls are signed anew
  };
  struct {
    std::vector<Upstream> upstreams;
    bool relay_unverified = false;
    std::vector<std::string> trusted_proxies;
  } gateway;
  struct {
    bool aws_rates = false;
    std::uint64_t trails_per_region = 5;
    std::uint64_t failures_a_minute = 0;  // 0: any number
  } limits;
  std::string journal = "file";
  std::string catalog = "sqlite";
  std::string blob = "dir";
  // What is odd and no error: variables that look like ours and are none, settings of what this release does
  // not have. For the log.
  std::vector<std::string> warnings;
};

// One scalar: how text becomes its value, and how the value reads.
struct Setting {
  std::string name;
  std::function<Result<void>(std::string_view)> set;
  std::function<std::string()> show;
};

// The scalars of a configuration; they point into it.
std::vector<Setting> settings(Config& config);

struct Sources {
  std::filesystem::path file;                                    // empty: none
  std::vector<std::pair<std::string, std::string>> environment;  // CAIRN_…=…
  std::vector<std::pair<std::string, std::string>> flags;        // dotted name, text
};

// Errors: Errc::invalid, "cairn.yaml:12: delivery.intervall: unknown key".
Result<Config> load(const Sources& sources);
Result<void> apply_file(Config& config, const std::filesystem::path& file);
// The same of a text; `file` is for messages.
Result<void> apply_text(Config& config, const std::string& yaml, const std::filesystem::path& file);

// The whole effective configuration as YAML that load() takes again; access keys are left out (a comment
// counts them), so that nothing that opens a door is ever printed.
std::string show(Config& config);

}  // namespace cairn::node
