#include "node/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>

#include "codec/headers.h"
#include "gateway/trusted.h"
#include "json/json.h"
#include "node/config_outlets.h"

namespace cairn::node {
namespace {

constexpr std::uint64_t kWorkerMemoryMin = 320ULL << 20;  // what a seal of a full head needs

Error bad(std::string_view what, std::string_view text) {
  return Error{Errc::invalid, std::string(what), std::string(text)};
}

Setting text_setting(std::string name, std::string& value) {
  return {std::move(name),
          [&value](std::string_view text) -> Result<void> {
            value = text;
            return {};
          },
          [&value] { return value; }};
}

Setting path_setting(std::string name, std::filesystem::path& value) {
  return {std::move(name),
          [&value](std::string_view text) -> Result<void> {
            value = text;
            return {};
          },
          [&value] { return value.string(); }};
}

Setting duration_setting(std::string name, Millis& value, Millis least) {
  return {std::move(name),
          [&value, least](std::string_view text) -> Result<void> {
            CAIRN_TRY(const auto parsed, parse_duration(text));
            if (parsed < least) {
              return bad(fmt::format("must be at least {}", format_duration(least)), text);
            }
            value = parsed;
            return {};
          },
          [&value] { return format_duration(value); }};
}

Setting size_setting(std::string name, std::uint64_t& value, std::uint64_t least) {
  return {std::move(name),
          [&value, least](std::string_view text) -> Result<void> {
            CAIRN_TRY(const auto parsed, parse_size(text));
            if (parsed < least) {
              return bad(fmt::format("must be at least {}", least), text);
            }
            value = parsed;
            return {};
          },
          [&value] { return std::to_string(value); }};
}

Setting bool_setting(std::string name, bool& value) {
  return {std::move(name),
          [&value](std::string_view text) -> Result<void> {
            if (text != "true" && text != "false") {
              return bad("must be true or false", text);
            }
            value = text == "true";
            return {};
          },
          [&value] { return std::string(value ? "true" : "false"); }};
}

// A value out of a short list.
template <class T>
Setting choice_setting(std::string name, T& value, std::vector<std::pair<std::string, T>> choices) {
  const auto set = [&value, choices](std::string_view text) -> Result<void> {
    std::string known;
    for (const auto& [word, meaning] : choices) {
      if (word == text) {
        value = meaning;
        return {};
      }
      known += (known.empty() ? "" : ", ") + word;
    }
    return bad("must be one of " + known, text);
  };
  const auto show_choice = [&value, choices] {
    for (const auto& [word, meaning] : choices) {
      if (meaning == value) {
        return word;
      }
    }
    return std::string();
  };
  return {std::move(name), set, show_choice};
}

Setting regions_setting(std::vector<std::string>& regions) {
  const auto set = [&regions](std::string_view text) -> Result<void> {
    regions.clear();
    while (!text.empty()) {
      const auto end = text.find(',');
      CAIRN_TRY(const auto region, aws::Region::parse(text.substr(0, end)));
      regions.emplace_back(region.text());
      text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    return {};
  };
  return {"regions", set, [&regions] {
            std::string out;
            for (const auto& region : regions) {
              out += (out.empty() ? "" : ",") + region;
            }
            return out;
          }};
}

// Names of hosts: lower-case letters, digits, '-' and '.', no label empty.
bool is_domain(std::string_view text) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-.";
  return !text.empty() && text.size() <= 253 && text.find_first_not_of(kAllowed) == std::string_view::npos &&
         text.front() != '.' && text.back() != '.' && text.find("..") == std::string_view::npos;
}

// "host", and where `below` says so "*.host", which is all below it.
bool is_host_pattern(std::string_view text, bool below) {
  return is_domain(below && text.starts_with("*.") ? text.substr(2) : text);
}

Setting domains_setting(std::string name, std::vector<std::string>& domains, bool below = false) {
  const auto set = [&domains, below](std::string_view text) -> Result<void> {
    domains.clear();
    while (!text.empty()) {
      const auto end = std::min(text.find(','), text.size());
      const auto domain = text.substr(0, end);
      if (!is_host_pattern(domain, below)) {
        return Error{Errc::invalid, "must be names of hosts, in lower case"};
      }
      domains.emplace_back(domain);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return {};
  };
  return {std::move(name), set, [&domains] {
            std::string out;
            for (const auto& domain : domains) {
              out += (out.empty() ? "" : ",") + domain;
            }
            return out;
          }};
}

Setting networks_setting(std::string name, std::vector<std::string>& networks) {
  const auto set = [&networks](std::string_view text) -> Result<void> {
    networks.clear();
    while (!text.empty()) {
      const auto one = text.substr(0, text.find(','));
      CAIRN_TRY_VOID(gateway::Network::parse(one));
      networks.emplace_back(one);
      text.remove_prefix(std::min(one.size() + 1, text.size()));
    }
    return {};
  };
  return {std::move(name), set, [&networks] { return fmt::format("{}", fmt::join(networks, ",")); }};
}

// "https://cairn.example:4586": what links begin with.
Setting base_url_setting(std::string name, std::string& url) {
  const auto set = [&url](std::string_view text) -> Result<void> {
    const auto scheme = text.find("://");
    const bool good = text.empty() || ((text.starts_with("http://") || text.starts_with("https://")) &&
                                       text.size() > scheme + 3 &&
                                       text.find_first_of("/?#@ ", scheme + 3) == std::string_view::npos);
    if (!good) {
      return Error{Errc::invalid, "must be http:// or https:// with a host, and nothing behind it"};
    }
    url = text;
    return {};
  };
  return {std::move(name), set, [&url] { return url; }};
}

// "delivery.file_bytes_max" is CAIRN_DELIVERY_FILE_BYTES_MAX.
std::string variable_name(std::string_view setting) {
  std::string name = "CAIRN_";
  for (const char c : setting) {
    name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

Result<void> apply(const std::vector<Setting>& all, std::string_view name, std::string_view text,
                   std::string_view where) {
  for (const auto& setting : all) {
    if (setting.name == name) {
      return setting.set(text).transform_error([&](Error e) {
        return Error{Errc::invalid, fmt::format("{}: {}: {} ('{}')", where, name, e.what, text)};
      });
    }
  }
  return Error{Errc::invalid, fmt::format("{}: {}: unknown key", where, name)};
}

}  // namespace

std::vector<Setting> settings(Config& config) {
  std::vector<Setting> all = {
      text_setting("listen", config.listen),
      path_setting("data", config.data),
      path_setting("master_key_file", config.master_key_file),
      regions_setting(config.regions),
      path_setting("tls.cert", config.tls.cert),
      path_setting("tls.key", config.tls.key),
      size_setting("reserve", config.reserve, 1U << 20),
      networks_setting("proxy_protocol", config.proxy_protocol),
      choice_setting<log::Level>("log.level", config.log.level,
                                 {{"debug", log::Level::debug},
                                  {"info", log::Level::info},
                                  {"warn", log::Level::warn},
                                  {"error", log::Level::error}}),
      choice_setting<log::Format>("log.format", config.log.format,
                                  {{"text", log::Format::text}, {"json", log::Format::json}}),
      duration_setting("history.retention", config.history.retention, Millis{60'000}),
      duration_setting("delivery.interval", config.delivery.interval, Millis{1'000}),
      duration_setting("delivery.digest_interval", config.delivery.digest_interval, Millis{1'000}),
      size_setting("delivery.file_bytes_max", config.delivery.file_bytes_max, 64U << 10),
      size_setting("delivery.spool_bytes_max", config.delivery.spool_bytes_max, 64U << 10),
      domains_setting("s3.domains", config.s3.domains),
      text_setting("endpoints.s3.url", config.endpoints.s3.url),
      text_setting("endpoints.s3.access_key", config.endpoints.s3.access_key),
      path_setting("endpoints.s3.secret_file", config.endpoints.s3.secret_file),
      text_setting("endpoints.s3.region", config.endpoints.s3.region),
      text_setting("endpoints.kms.url", config.endpoints.kms.url),
      text_setting("endpoints.kms.access_key", config.endpoints.kms.access_key),
      path_setting("endpoints.kms.secret_file", config.endpoints.kms.secret_file),
      text_setting("endpoints.kms.region", config.endpoints.kms.region),
      text_setting("endpoints.sns.url", config.endpoints.sns.url),
      text_setting("endpoints.sns.access_key", config.endpoints.sns.access_key),
      path_setting("endpoints.sns.secret_file", config.endpoints.sns.secret_file),
      text_setting("endpoints.sns.region", config.endpoints.sns.region),
      text_setting("endpoints.sqs.url", config.endpoints.sqs.url),
      text_setting("endpoints.sqs.access_key", config.endpoints.sqs.access_key),
      path_setting("endpoints.sqs.secret_file", config.endpoints.sqs.secret_file),
      text_setting("endpoints.sqs.region", config.endpoints.sqs.region),
      base_url_setting("sns.url", config.sns.url),
      domains_setting("sns.http_hosts", config.sns.http_hosts, true),
      base_url_setting("sqs.url", config.sqs.url),
      bool_setting("trails.require_bucket_policy", config.trails.require_bucket_policy),
      size_setting("dedupe.ids", config.dedupe.ids, 1000),
      size_setting("worker.memory", config.worker.memory, kWorkerMemoryMin),
      duration_setting("worker.deadline", config.worker.deadline, Millis{5'000}),
      bool_setting("limits.aws_rates", config.limits.aws_rates),
      size_setting("limits.trails_per_region", config.limits.trails_per_region, 1),
      size_setting("limits.failures_a_minute", config.limits.failures_a_minute, 0),
      choice_setting<bool>("capture.on_failure", config.capture.closed, {{"closed", true}, {"open", false}}),
      choice_setting<bool>("capture.intent", config.capture.synced, {{"buffered", false}, {"synced", true}}),
      choice_setting<bool>("gateway.unverified", config.gateway.relay_unverified,
                           {{"refuse", false}, {"relay", true}}),
      networks_setting("gateway.trusted_proxies", config.gateway.trusted_proxies),
      choice_setting<std::string>("journal", config.journal, {{"file", "file"}}),
      choice_setting<std::string>("catalog", config.catalog, {{"sqlite", "sqlite"}}),
      choice_setting<std::string>("blob", config.blob, {{"dir", "dir"}}),
  };
  const auto behind = std::ranges::find(all, "sns.http_hosts", &Setting::name) + 1;
  std::ranges::move(outlet_settings(config), std::inserter(all, behind));
  return all;
}

namespace {

// Not settings, but ours: what tests and tools are told.
bool is_for_tests(std::string_view variable) {
  constexpr std::string_view kKnown[] = {"CAIRN_BINARY", "CAIRN_SEED", "CAIRN_SOAK", "CAIRN_TEST_DATA"};
  return std::ranges::find(kKnown, variable) != std::end(kKnown);
}

// An empty variable is one that is not set: compose files make them.
Result<void> apply_environment(Config& config, const std::vector<Setting>& all, const Sources& sources) {
  for (const auto& [variable, text] : sources.environment) {
    const auto setting =
        std::ranges::find(all, variable, [](const Setting& s) { return variable_name(s.name); });
    if (setting == all.end()) {
      if (!is_for_tests(variable)) {
        config.warnings.push_back(variable + ": no setting has this name");
      }
    } else if (!text.empty()) {
      CAIRN_TRY_VOID(apply(all, setting->name, text, variable));
    }
  }
  return {};
}

}  // namespace

namespace {

// Callers' buckets are the upstream's, so log files go there, if there is a key to sign them with.
void default_endpoints(Config& config) {
  const auto s3 = std::ranges::find(config.gateway.upstreams, "s3", &Config::Upstream::service);
  if (s3 == config.gateway.upstreams.end() || !config.endpoints.s3.url.empty()) {
    return;
  }
  if (s3->endpoint.access_key.empty()) {
    config.warnings.emplace_back(
        "gateway.upstreams.s3: trails write into Cairn's own S3, which callers do not reach: set "
        "endpoints.s3");
  } else {
    config.endpoints.s3 = s3->endpoint;
  }
}

}  // namespace

Result<Config> load(const Sources& sources) {
  Config config;
  if (!sources.file.empty()) {
    CAIRN_TRY_VOID(apply_file(config, sources.file));
  }
  const auto all = settings(config);
  CAIRN_TRY_VOID(apply_environment(config, all, sources));
  for (const auto& [name, text] : sources.flags) {
    CAIRN_TRY_VOID(apply(all, name, text, "--" + name));
  }
  if (config.tls.cert.empty() != config.tls.key.empty()) {
    return Error{Errc::invalid, config.tls.cert.empty() ? "tls.cert: is not set, but tls.key is"
                                                        : "tls.key: is not set, but tls.cert is"};
  }
  for (const auto& [service, one] : config.endpoints.all()) {
    if (one->url.empty() != one->access_key.empty() || one->url.empty() != one->secret_file.empty()) {
      return Error{Errc::invalid,
                   fmt::format("endpoints.{}: url, access_key and secret_file go together", service)};
    }
  }
  CAIRN_TRY_VOID(check_outlets(config));
  default_endpoints(config);
  return config;
}

namespace {

// A JSON string is a YAML string. What needs no quotes has none.
std::string yaml_text(std::string_view text) {
  const auto plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("._:/-").find(c) != std::string_view::npos;
  };
  const bool is_plain = std::ranges::all_of(text, plain) && !text.starts_with('-') &&
                        !text.starts_with(':') && !text.ends_with(':');
  return is_plain && text != "null" ? std::string(text) : json::quote(text);
}

std::string show_user(const access::DeclaredUser& user) {
  auto out = fmt::format("      - name: {}\n        administrator: {}\n", json::quote(user.name),
                         user.administrator);
  if (!user.keys.empty()) {
    out += fmt::format("        # keys: {}, not shown\n", user.keys.size());
  }
  if (!user.policies.empty()) {
    out += "        policies:\n";
  }
  for (const auto& policy : user.policies) {
    out += fmt::format("          - name: {}\n            document: {}\n", json::quote(policy.name),
                       json::quote(policy.document));
  }
  return out;
}

// A star would be YAML's own.
std::string list_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto item = text.substr(0, text.find(','));
    out += (out.empty() ? "" : ",") + (item.starts_with('*') ? json::quote(item) : std::string(item));
    text.remove_prefix(std::min(item.size() + 1, text.size()));
  }
  return out;
}

}  // namespace

namespace {

std::string show_upstreams(const Config& config) {
  std::string out = config.gateway.upstreams.empty() ? "" : "  upstreams:\n";
  for (const auto& [service, to] : config.gateway.upstreams) {
    out += fmt::format("    {}:\n      url: {}\n", json::quote(service), yaml_text(to.url));
    if (!to.access_key.empty()) {
      out += fmt::format("      resign: {{access_key: {}, secret_file: {}, region: {}}}\n",
                         json::quote(to.access_key), json::quote(to.secret_file.string()),
                         json::quote(to.region));
    }
  }
  return out;
}

}  // namespace

std::string show(Config& config) {
  std::string out;
  std::string section;
  for (const auto& setting : settings(config)) {
    const auto dot = setting.name.find('.');
    const auto head = dot == std::string::npos ? std::string() : setting.name.substr(0, dot);
    if (!head.empty() && head != section) {
      out += head + ":\n";
    }
    section = head;
    const bool is_list = setting.name == "regions" || setting.name == "s3.domains" ||
                         setting.name == "sns.http_hosts" || setting.name == "gateway.trusted_proxies" ||
                         setting.name == "proxy_protocol";
    const bool is_map = setting.name == "sns.commands";
    const auto text = is_map    ? setting.show()
                      : is_list ? "[" + list_text(setting.show()) + "]"
                                : yaml_text(setting.show());
    out += fmt::format("{}{}: {}\n", head.empty() ? "" : "  ",
                       setting.name.substr(dot == std::string::npos ? 0 : dot + 1), text);
    out += setting.name == "gateway.trusted_proxies" ? show_upstreams(config) : "";
  }
  if (!config.accounts.empty()) {
    out += "accounts:\n";
  }
  for (const auto& account : config.accounts) {
    out += fmt::format("  - id: {}\n    name: {}\n", json::quote(account.id), json::quote(account.name));
    if (!account.users.empty()) {
      out += "    users:\n";
    }
    for (const auto& user : account.users) {
      out += show_user(user);
    }
  }
  return out;
}

}  // namespace cairn::node
