// The YAML half of the configuration: every scalar to its Setting, and the one structure that is no scalar,
// `accounts`.
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <fstream>
#include <set>

#include "json/json.h"
#include "node/config.h"

namespace cairn::node {
namespace {

constexpr std::size_t kFileBytesMax = 1U << 20;
constexpr int kDepthMax = 16;

Error at(const std::filesystem::path& file, const YAML::Mark& mark, std::string_view key,
         std::string_view what) {
  return Error{Errc::invalid, fmt::format("{}:{}: {}: {}", file.string(), mark.line + 1, key, what)};
}

class FileReader {
 public:
  FileReader(Config& config, const std::filesystem::path& file)
      : config_(config), file_(file), settings_(settings(config)) {}

  Result<void> read(const YAML::Node& root) {
    if (root.IsNull()) {
      return {};
    }
    if (!root.IsMap()) {
      return at(file_, root.Mark(), "configuration", "must be a map");
    }
    return map(root, "", 0);
  }

 private:
  Result<void> map(const YAML::Node& node, const std::string& prefix, int depth) {
    if (depth > kDepthMax) {
      return at(file_, node.Mark(), prefix, "nested too deep");
    }
    std::set<std::string> seen;
    for (const auto& entry : node) {
      CAIRN_TRY(const auto name, name_of(entry.first, prefix.empty() ? "configuration" : prefix, seen));
      const auto key = prefix.empty() ? name : prefix + "." + name;
      CAIRN_TRY_VOID(value(entry.first, entry.second, key, depth));
    }
    return {};
  }

  // A map's key, which comes once.
  Result<std::string> name_of(const YAML::Node& key, const std::string& where, std::set<std::string>& seen) {
    if (!key.IsScalar()) {
      return at(file_, key.Mark(), where, "a key must be a word");
    }
    if (!seen.insert(key.Scalar()).second) {
      return at(file_, key.Mark(), where == "configuration" ? key.Scalar() : where + "." + key.Scalar(),
                "given twice");
    }
    return key.Scalar();
  }

  Result<void> value(const YAML::Node& name, const YAML::Node& node, const std::string& key, int depth) {
    if (key == "accounts") {
      return accounts(node);
    }
    if (key == "gateway.upstreams") {
      return upstreams(node);
    }
    if (key == "sns.commands" && node.IsMap()) {
      return set(name, key, json::serialize(to_json(node, depth)));
    }
    if (node.IsMap() && (node.size() > 0 || is_known(key))) {
      return map(node, key, depth + 1);
    }
    if (node.IsScalar() && is_known(key + ".url") && key.starts_with("endpoints.")) {
      return set(name, key + ".url", node.Scalar());
    }
    if (node.IsNull() && is_known(key)) {
      return {};  // "delivery:" with nothing below it, "listen:" without a value
    }
    if (node.IsSequence() && (key == "regions" || key == "s3.domains" || key == "sns.http_hosts" ||
                              key == "gateway.trusted_proxies" || key == "proxy_protocol")) {
      std::string joined;
      for (const auto& item : node) {
        if (!item.IsScalar()) {
          return at(file_, item.Mark(), key, "must be a list of words");
        }
        joined += (joined.empty() ? "" : ",") + item.Scalar();
      }
      return set(name, key, joined);
    }
    if (!node.IsScalar()) {
      return at(file_, name.Mark(), key, "must be a single value");
    }
    return set(name, key, node.Scalar());
  }

  // A setting, or a section of settings.
  bool is_known(const std::string& key) const {
    return std::ranges::any_of(
        settings_, [&](const Setting& s) { return s.name == key || s.name.starts_with(key + "."); });
  }

  Result<void> set(const YAML::Node& name, const std::string& key, const std::string& text) {
    for (const auto& setting : settings_) {
      if (setting.name == key) {
        return setting.set(text).transform_error(
            [&](Error e) { return at(file_, name.Mark(), key, fmt::format("{} ('{}')", e.what, text)); });
      }
    }
    return at(file_, name.Mark(), key, "unknown key");
  }

  // Reads the members of a map by name; any other is an error.
  using Members = std::vector<std::pair<std::string_view, std::function<Result<void>(const YAML::Node&)>>>;
  Result<void> members(const YAML::Node& node, const std::string& what, const Members& known) {
    if (!node.IsMap()) {
      return at(file_, node.Mark(), what, "must be a map");
    }
    std::set<std::string> seen;
    for (const auto& entry : node) {
      CAIRN_TRY(const auto name, name_of(entry.first, what, seen));
      const auto it = std::ranges::find(known, name, [](const auto& m) { return m.first; });
      if (it == known.end()) {
        return at(file_, entry.first.Mark(), what + "." + name, "unknown key");
      }
      CAIRN_TRY_VOID(it->second(entry.second));
    }
    return {};
  }

  auto text_into(std::string& target, std::string what) {
    return [this, &target, what](const YAML::Node& node) -> Result<void> {
      if (!node.IsScalar()) {
        return at(file_, node.Mark(), what, "must be a single value");
      }
      target = node.Scalar();
      return {};
    };
  }

  template <class F>
  auto each(const std::string& what, F one) {
    return [this, what, one](const YAML::Node& node) -> Result<void> {
      if (!node.IsSequence()) {
        return at(file_, node.Mark(), what, "must be a list");
      }
      for (const auto& item : node) {
        CAIRN_TRY_VOID(one(item));
      }
      return {};
    };
  }

  // {s3: "http://rgw:7480", "*": {url: "https://…", resign: {access_key: …, secret_file: …, region: …}}}
  Result<void> upstreams(const YAML::Node& node) {
    constexpr std::string_view kServiceLetters = "abcdefghijklmnopqrstuvwxyz0123456789-";
    if (!node.IsMap()) {
      return at(file_, node.Mark(), "gateway.upstreams", "must be a map of services");
    }
    std::set<std::string> seen;
    for (const auto& entry : node) {
      Config::Upstream upstream;
      CAIRN_TRY(upstream.service, name_of(entry.first, "gateway.upstreams", seen));
      const auto what = "gateway.upstreams." + upstream.service;
      if (upstream.service != "*" &&
          (upstream.service.empty() ||
           upstream.service.find_first_not_of(kServiceLetters) != std::string::npos)) {
        return at(file_, entry.first.Mark(), what, "must be a service's signing name, or \"*\"");
      }
      CAIRN_TRY_VOID(upstream_to(entry.second, what, upstream.endpoint));
      config_.gateway.upstreams.push_back(std::move(upstream));
    }
    return {};
  }

  Result<void> upstream_to(const YAML::Node& node, const std::string& what, Config::Endpoint& to) {
    const auto url = [&](const YAML::Node& item) { return upstream_url(item, what, to.url); };
    if (node.IsScalar()) {
      return url(node);
    }
    std::string secret_file;
    const auto resign = [&](const YAML::Node& item) -> Result<void> {
      const auto within = what + ".resign";
      CAIRN_TRY_VOID(members(item, within,
                             {{"access_key", text_into(to.access_key, within + ".access_key")},
                              {"secret_file", text_into(secret_file, within + ".secret_file")},
                              {"region", text_into(to.region, within + ".region")}}));
      if (to.access_key.empty() || secret_file.empty()) {
        return at(file_, item.Mark(), within, "access_key and secret_file go together");
      }
      to.secret_file = secret_file;
      return {};
    };
    CAIRN_TRY_VOID(members(node, what, {{"url", url}, {"resign", resign}}));
    return to.url.empty() ? Result<void>(at(file_, node.Mark(), what, "needs a url")) : Result<void>();
  }

  Result<void> upstream_url(const YAML::Node& node, const std::string& what, std::string& url) {
    const auto text = node.IsScalar() ? node.Scalar() : std::string();
    const auto scheme = text.find("://");
    const bool good = (text.starts_with("http://") || text.starts_with("https://")) &&
                      text.size() > scheme + 3 &&
                      text.find_first_of("/?#@ ", scheme + 3) == std::string::npos;
    if (!good) {
      return at(file_, node.Mark(), what, "must be http:// or https:// with a host, and nothing behind it");
    }
    url = text;
    return {};
  }

  Result<void> accounts(const YAML::Node& node) {
    const auto one = [this](const YAML::Node& item) { return account(item); };
    return each("accounts", one)(node);
  }

  Result<void> account(const YAML::Node& node) {
    access::DeclaredAccount account;
    const auto one = [&](const YAML::Node& item) { return user(item, account); };
    CAIRN_TRY_VOID(members(node, "accounts",
                           {{"id", text_into(account.id, "accounts.id")},
                            {"name", text_into(account.name, "accounts.name")},
                            {"users", each("accounts.users", one)}}));
    if (const auto id = aws::AccountId::parse(account.id); !id) {
      return at(file_, node.Mark(), "accounts.id", "must be 12 digits");
    }
    config_.accounts.push_back(std::move(account));
    return {};
  }

  Result<void> user(const YAML::Node& node, access::DeclaredAccount& account) {
    access::DeclaredUser user;
    const auto administrator = [&](const YAML::Node& item) -> Result<void> {
      const auto text = item.IsScalar() ? item.Scalar() : std::string();
      if (text != "true" && text != "false") {
        return at(file_, item.Mark(), "accounts.users.administrator", "must be true or false");
      }
      user.administrator = text == "true";
      return {};
    };
    const auto one_key = [&](const YAML::Node& item) { return key(item, user); };
    const auto one_policy = [&](const YAML::Node& item) { return policy(item, user); };
    CAIRN_TRY_VOID(members(node, "accounts.users",
                           {{"name", text_into(user.name, "accounts.users.name")},
                            {"administrator", administrator},
                            {"keys", each("accounts.users.keys", one_key)},
                            {"policies", each("accounts.users.policies", one_policy)}}));
    if (user.name.empty()) {
      return at(file_, node.Mark(), "accounts.users", "a user needs a name");
    }
    account.users.push_back(std::move(user));
    return {};
  }

  Result<void> key(const YAML::Node& node, access::DeclaredUser& user) {
    access::DeclaredKey key;
    std::string secret;
    std::string secret_file;
    CAIRN_TRY_VOID(members(node, "accounts.users.keys",
                           {{"id", text_into(key.id, "accounts.users.keys.id")},
                            {"secret", text_into(secret, "accounts.users.keys.secret")},
                            {"secret_file", text_into(secret_file, "accounts.users.keys.secret_file")}}));
    if (secret.empty() == secret_file.empty()) {
      return at(file_, node.Mark(), "accounts.users.keys", "needs either secret or secret_file");
    }
    if (!secret_file.empty()) {
      std::ifstream in(secret_file);
      if (!in || !std::getline(in, secret)) {
        return at(file_, node.Mark(), "accounts.users.keys.secret_file", "cannot be read");
      }
      while (secret.ends_with('\r') || secret.ends_with(' ')) {
        secret.pop_back();
      }
      if (secret.empty()) {
        return at(file_, node.Mark(), "accounts.users.keys.secret_file", "is empty");
      }
    }
    key.secret = crypto::Secret(secret);
    user.keys.push_back(std::move(key));
    return {};
  }

  // A document may be written as YAML or as a string of JSON.
  Result<void> policy(const YAML::Node& node, access::DeclaredUser& user) {
    access::DeclaredPolicy policy;
    const auto document = [&](const YAML::Node& item) -> Result<void> {
      policy.document = item.IsScalar() ? item.Scalar() : json::serialize(to_json(item, 0));
      return {};
    };
    CAIRN_TRY_VOID(
        members(node, "accounts.users.policies",
                {{"name", text_into(policy.name, "accounts.users.policies.name")}, {"document", document}}));
    user.policies.push_back(std::move(policy));
    return {};
  }

  static json::value to_json(const YAML::Node& node, int depth) {
    if (depth > kDepthMax) {
      return nullptr;
    }
    if (node.IsSequence()) {
      json::array out;
      for (const auto& item : node) {
        out.push_back(to_json(item, depth + 1));
      }
      return out;
    }
    if (node.IsMap()) {
      json::object out;
      for (const auto& entry : node) {
        out[entry.first.Scalar()] = to_json(entry.second, depth + 1);
      }
      return out;
    }
    return json::value(node.as<std::string>(""));
  }

  Config& config_;
  const std::filesystem::path& file_;
  std::vector<Setting> settings_;
};

}  // namespace

Result<void> apply_file(Config& config, const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string text(kFileBytesMax + 1, '\0');
  if (!in || (!in.read(text.data(), static_cast<std::streamsize>(text.size())) && !in.eof())) {
    return Error{Errc::not_found, "cannot read the configuration", file.string()};
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  return apply_text(config, text, file);
}

Result<void> apply_text(Config& config, const std::string& yaml, const std::filesystem::path& file) {
  if (yaml.size() > kFileBytesMax) {
    return Error{Errc::limit, "the configuration is too large", file.string()};
  }
  try {  // yaml-cpp throws; nothing of it gets further.
    return FileReader(config, file).read(YAML::Load(yaml));
  } catch (const YAML::Exception& e) {
    return at(file, e.mark, "YAML", e.msg);
  }
}

}  // namespace cairn::node
