// Rows of good and bad configurations, which source wins, and that what is shown is taken again.
#include "node/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "node/data_lock.h"

namespace cairn::node {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string complaint(const std::string& yaml) {
  Config config;
  const auto read = apply_text(config, yaml, "cairn.yaml");
  return read ? "" : read.error().what;
}

TEST(ConfigFile, errors_name_key_and_line) {
  const struct {
    std::string_view yaml;
    std::string_view what;
  } rows[] = {
      {"delivery:\n  intervall: 3s\n", "cairn.yaml:2: delivery.intervall: unknown key"},
      {"listen: a\nnope: 1\n", "cairn.yaml:2: nope: unknown key"},
      {"delivery: 5\n", "cairn.yaml:1: delivery: unknown key"},
      {"nope:\n", "cairn.yaml:1: nope: must be a single value"},
      {"delivery: {interval: soon}\n", "cairn.yaml:1: delivery.interval:"},
      {"delivery: {interval: 10ms}\n", "must be at least 1s"},
      {"delivery: {file_bytes_max: 1KiB}\n", "delivery.file_bytes_max: must be at least 65536"},
      {"trails: {require_bucket_policy: yes}\n", "must be true or false ('yes')"},
      {"journal: kafka://x\n", "journal: must be one of file"},
      {"gateway: {upstream: x}\n", "cairn.yaml:1: gateway.upstream: unknown key"},
      {"gateway:\n  upstreams: {S3: \"http://x\"}\n",
       "cairn.yaml:2: gateway.upstreams.S3: must be a service's"},
      {"gateway: {upstreams: {s3: \"http://x/path\"}}\n", "gateway.upstreams.s3: must be http://"},
      {"proxy_protocol: [10.0.0.0/8, proxy]\n", "proxy_protocol: must be an address"},
      {"gateway: {trusted_proxies: [10.0.0.0/99]}\n", "gateway.trusted_proxies: must be an address"},
      {"listen: a\nlisten: b\n", "cairn.yaml:2: listen: given twice"},
      {"delivery:\n  interval: 5s\n  interval: 6s\n", "cairn.yaml:3: delivery.interval: given twice"},
      {"listen: [a]\n", "cairn.yaml:1: listen: must be a single value"},
      {"regions: [us-east-1, {a: b}]\n", "cairn.yaml:1: regions: must be a list of words"},
      {"regions: [mars]\n", "cairn.yaml:1: regions:"},
      {"s3: {domains: [Upper.example]}\n", "cairn.yaml:1: s3.domains:"},
      {"s3: {domains: [a..b]}\n", "cairn.yaml:1: s3.domains:"},
      {"s3: {domains: ['*.b']}\n", "cairn.yaml:1: s3.domains:"},
      {"sns: {url: cairn.example}\n", "cairn.yaml:1: sns.url:"},
      {"sns: {url: 'https://cairn.example/'}\n", "cairn.yaml:1: sns.url:"},
      {"sns: {http_hosts: ['*']}\n", "cairn.yaml:1: sns.http_hosts:"},
      {"sns: {smtp: {url: 'http://mail', from: a@b}}\n", "cairn.yaml:1: sns.smtp.url:"},
      {"sns: {smtp: {url: 'smtp://mail', from: 'a b'}}\n", "cairn.yaml:1: sns.smtp.from:"},
      {"sns: {smtp: {user: \"a\\r\\nb\"}}\n", "cairn.yaml:1: sns.smtp.user:"},
      {"sqs: {url: 'cairn.example'}\n", "cairn.yaml:1: sqs.url:"},
      {"sns: {commands: {a: [relative]}}\n", "cairn.yaml:1: sns.commands:"},
      {"sns: {commands: {a: []}}\n", "cairn.yaml:1: sns.commands:"},
      {"sns: {commands: {a: /bin/true}}\n", "cairn.yaml:1: sns.commands:"},
      {"sns: {commands: {a: [/bin/true, [x]]}}\n", "cairn.yaml:1: sns.commands:"},
      {"sns: {commands: {'a b': [/bin/true]}}\n", "cairn.yaml:1: sns.commands:"},
      {"[a]: b\n", "cairn.yaml:1: configuration: a key must be a word"},
      {"- a\n", "cairn.yaml:1: configuration: must be a map"},
      {"a: [\n", "cairn.yaml:2: YAML:"},
      {"accounts: 5\n", "accounts: must be a list"},
      {"accounts:\n  - id: 12\n", "cairn.yaml:2: accounts.id: must be 12 digits"},
      {"accounts:\n  - id: \"111122223333\"\n    color: red\n", "cairn.yaml:3: accounts.color: unknown key"},
      {"accounts:\n  - id: \"111122223333\"\n    users: [{name: [a]}]\n",
       "cairn.yaml:3: accounts.users.name: must be a single value"},
      {"accounts:\n  - id: \"111122223333\"\n    users: [{administrator: true}]\n",
       "cairn.yaml:3: accounts.users: a user needs a name"},
      {"accounts:\n  - id: \"111122223333\"\n    users: [{name: a, administrator: yess}]\n",
       "accounts.users.administrator: must be true or false"},
      {"accounts:\n  - id: \"111122223333\"\n    users: [{name: a, keys: [{id: AKIA}]}]\n",
       "needs either secret or secret_file"},
      {"accounts:\n  - id: \"111122223333\"\n    users: [{name: a, keys: [{id: AKIA, secret_file: "
       "/nowhere}]}]\n",
       "accounts.users.keys.secret_file: cannot be read"},
  };
  for (const auto& row : rows) {
    EXPECT_THAT(complaint(std::string(row.yaml)), HasSubstr(std::string(row.what))) << row.yaml;
  }
  EXPECT_THAT(complaint(std::string((1U << 20) + 1, ' ')), HasSubstr("too large"));
}

TEST(ConfigFile, good_ones) {
  for (const auto* yaml :
       {"", "{}", "delivery:\n", "listen:\n", "# nothing\n", "regions: us-east-1\n",
        "regions: [us-east-1, eu-west-1]\n", "accounts: [{id: \"111122223333\", name: main}]\n"}) {
    EXPECT_EQ(complaint(yaml), "") << yaml;
  }
}

class ConfigSources : public ::testing::Test {
 protected:
  std::filesystem::path write(std::string_view name, std::string_view text) {
    const auto file = folder / name;
    std::ofstream(file) << text;
    return file;
  }
  void SetUp() override { std::filesystem::create_directories(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "config-test";
};

TEST_F(ConfigSources, flags_win_over_the_environment_and_it_over_the_file) {
  const Sources sources{
      .file = write("a.yaml", "delivery: {interval: 3s}\nhistory: {retention: 10d}\ndata: /file\n"),
      .environment = {{"CAIRN_DATA", "/variable"}, {"CAIRN_HISTORY_RETENTION", "20d"}, {"CAIRN_LISTEN", ""}},
      .flags = {{"data", "/flag"}}};
  const auto config = load(sources);
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->delivery.interval, Millis{3000});
  EXPECT_EQ(config->history.retention, Millis{20LL * 86'400'000});
  EXPECT_EQ(config->data, "/flag");
  EXPECT_EQ(config->listen, "127.0.0.1:4586") << "an empty variable is none";
}

TEST_F(ConfigSources, mistyped_variables_are_told) {
  const auto config =
      load({.file = {},
            .environment = {{"CAIRN_LISTN", "x"}, {"CAIRN_TEST_DATA", "y"}, {"CAIRN_SEED", "1"}},
            .flags = {}});
  ASSERT_TRUE(config);
  EXPECT_THAT(config->warnings, ElementsAre("CAIRN_LISTN: no setting has this name"));
}

TEST_F(ConfigSources, errors_name_the_source) {
  EXPECT_THAT(
      load({.file = {}, .environment = {{"CAIRN_DELIVERY_INTERVAL", "soon"}}, .flags = {}}).error().what,
      HasSubstr("CAIRN_DELIVERY_INTERVAL: delivery.interval:"));
  EXPECT_THAT(load({.file = {}, .environment = {}, .flags = {{"dedupe.ids", "x"}}}).error().what,
              HasSubstr("--dedupe.ids: dedupe.ids:"));
  EXPECT_EQ(load({.file = folder / "none.yaml", .environment = {}, .flags = {}}).error().code,
            Errc::not_found);
  EXPECT_EQ(load({.file = folder, .environment = {}, .flags = {}}).error().code, Errc::not_found)
      << "a folder is no file";
}

TEST_F(ConfigSources, secret_files) {
  const auto secret = write("secret", "s3cret\r\nsecond line\n");
  const auto yaml = "accounts: [{id: \"111122223333\", users: [{name: a, keys: [{id: AKIA, secret_file: \"" +
                    secret.string() + "\"}]}]}]\n";
  Config config;
  ASSERT_TRUE(apply_text(config, yaml, "cairn.yaml"));
  EXPECT_TRUE(config.accounts[0].users[0].keys[0].secret == crypto::Secret(ByteView("s3cret")));
  write("secret", "\n");
  EXPECT_THAT(complaint(yaml), HasSubstr("secret_file: is empty"));
}

TEST(ConfigShow, what_is_shown_is_taken_again_and_shows_the_same) {
  Config config;
  const auto* yaml = R"(
listen: "[::1]:4586"
data: "/with: colon # and \"more\""
regions: [eu-west-1, us-east-1]
delivery: {interval: 90s, file_bytes_max: 1MiB}
limits: {aws_rates: true}
s3: {domains: [s3.example.org, localhost]}
sns:
  url: "https://cairn.example:4586"
  http_hosts: [hooks.example.org, "*.nest.example"]
  smtp: {url: "smtps://mail.example:465", from: nest@cairn.example, user: "a: b", password_file: /p, ca_file: /c}
  commands: {page: [/bin/echo, "a \"b\": {c}", -n], other: [/bin/true]}
accounts:
  - id: "000011112222"
    name: "o'brien: \\"
    users:
      - name: ann
        administrator: true
        keys: [{id: AKIAEXAMPLE00000001, secret: never-shown}]
      - name: "yes"
        policies: [{name: p, document: {Version: "2012-10-17", Statement: []}}]
)";
  ASSERT_EQ(complaint(yaml), "");
  ASSERT_TRUE(apply_text(config, yaml, "cairn.yaml"));
  const auto shown = show(config);
  EXPECT_THAT(shown, ::testing::Not(HasSubstr("never-shown")));
  EXPECT_THAT(shown, ::testing::Not(HasSubstr("AKIAEXAMPLE")));
  Config again;
  const auto read = apply_text(again, shown, "shown.yaml");
  ASSERT_TRUE(read) << read.error().what << "\n" << shown;
  EXPECT_EQ(again.data, config.data);
  EXPECT_EQ(again.regions, config.regions);
  EXPECT_EQ(again.s3.domains, config.s3.domains);
  EXPECT_EQ(again.sns.url, "https://cairn.example:4586");
  EXPECT_EQ(again.sns.smtp.url, "smtps://mail.example:465");
  EXPECT_EQ(again.sns.smtp.from, "nest@cairn.example");
  EXPECT_EQ(again.sns.smtp.user, "a: b");
  EXPECT_EQ(again.sns.smtp.password_file, "/p");
  EXPECT_EQ(again.sns.smtp.ca_file, "/c");
  EXPECT_EQ(again.sns.commands,
            (Programs{{"page", {"/bin/echo", "a \"b\": {c}", "-n"}}, {"other", {"/bin/true"}}}));
  EXPECT_EQ(again.sns.http_hosts, (std::vector<std::string>{"hooks.example.org", "*.nest.example"}));
  ASSERT_EQ(again.accounts.size(), 1U);
  EXPECT_EQ(again.accounts[0].name, "o'brien: \\");
  ASSERT_EQ(again.accounts[0].users.size(), 2U);
  EXPECT_EQ(again.accounts[0].users[1].policies[0].document,
            config.accounts[0].users[1].policies[0].document);
  Config plain;
  ASSERT_TRUE(apply_text(plain, show(plain), "shown.yaml"));
  EXPECT_THAT(plain.accounts, IsEmpty());
}

TEST_F(ConfigSources, what_mail_needs_goes_together) {
  const auto refusal = [](std::vector<std::pair<std::string, std::string>> flags) {
    const auto loaded = load({.file = {}, .environment = {}, .flags = std::move(flags)});
    return loaded ? std::string() : loaded.error().what;
  };
  const std::pair<std::string, std::string> url{"sns.smtp.url", "smtp://mail"};
  const std::pair<std::string, std::string> from{"sns.smtp.from", "a@b"};
  const std::pair<std::string, std::string> user{"sns.smtp.user", "ann"};
  const std::pair<std::string, std::string> password{"sns.smtp.password_file", "/p"};
  EXPECT_EQ(refusal({url, from}), "");
  EXPECT_EQ(refusal({url, from, user, password}), "");
  EXPECT_THAT(refusal({url}), ::testing::HasSubstr("url and from go together"));
  EXPECT_THAT(refusal({from}), ::testing::HasSubstr("url and from go together"));
  EXPECT_THAT(refusal({url, from, user}), ::testing::HasSubstr("user and password_file go together"));
  EXPECT_THAT(refusal({url, from, password}), ::testing::HasSubstr("user and password_file go together"));
  EXPECT_THAT(refusal({user, password}), ::testing::HasSubstr("user and password_file go together"));
  EXPECT_EQ(refusal({{"sns.commands", R"({"a":["/bin/true"]})"}}), "");
}

TEST_F(ConfigSources, upstreams_are_shown_as_they_are_read) {
  constexpr std::string_view kYaml =
      "proxy_protocol: [10.0.0.1, 2001:db8::/32]\ngateway:\n  trusted_proxies: [10.0.0.0/8, 192.0.2.7]\n  "
      "unverified: relay\n"
      "  upstreams:\n    s3: {url: \"https://a:1\", resign: {access_key: K, secret_file: /s, region: r-1}}\n"
      "    \"*\": \"http://b\"\n";
  auto config = load({.file = write("gateway.yaml", kYaml), .environment = {}, .flags = {}});
  ASSERT_TRUE(config) << config.error().text();
  Config again;
  ASSERT_TRUE(apply_text(again, show(*config), "shown.yaml"));
  for (const auto* one : {&*config, &again}) {
    ASSERT_EQ(one->gateway.upstreams.size(), 2U);
    EXPECT_EQ(one->gateway.upstreams[0].endpoint.access_key, "K");
    EXPECT_EQ(one->gateway.upstreams[0].endpoint.region, "r-1");
    EXPECT_EQ(one->gateway.upstreams[1].service, "*");
    EXPECT_EQ(one->gateway.upstreams[1].endpoint.url, "http://b");
    EXPECT_THAT(one->gateway.trusted_proxies, ElementsAre("10.0.0.0/8", "192.0.2.7"));
    EXPECT_THAT(one->proxy_protocol, ElementsAre("10.0.0.1", "2001:db8::/32"));
    EXPECT_TRUE(one->gateway.relay_unverified);
    // Log files go where callers' buckets are.
    EXPECT_EQ(one->endpoints.s3.url, "https://a:1");
  }
}

TEST_F(ConfigSources, data_folder_is_its_owners_alone) {
  const auto data = folder / "data";
  std::filesystem::create_directories(data);
  std::filesystem::permissions(data, std::filesystem::perms(0755));
  const auto first = DataLock::take(data);
  ASSERT_TRUE(first);
  EXPECT_EQ(std::filesystem::status(data).permissions(), std::filesystem::perms(0700));
  EXPECT_EQ(DataLock::take(data).error().code, Errc::conflict) << "two in one folder";
}

}  // namespace
}  // namespace cairn::node
