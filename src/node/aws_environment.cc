#include "node/aws_environment.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <map>

namespace cairn::node {
namespace {

using Profile = std::map<std::string, std::string>;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  const auto begin = text.find_first_not_of(kSpace);
  if (begin == text.npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

// The members of one section. What is indented belongs to a member and not to the section.
void read_section(const std::string& file, std::string_view name, Profile& profile) {
  std::ifstream in(file);
  std::string line;
  bool is_in = false;
  while (std::getline(in, line)) {
    const auto text = trimmed(line);
    if (text.starts_with('[') && text.ends_with(']')) {
      is_in = trimmed(text.substr(1, text.size() - 2)) == name;
      continue;
    }
    const auto mark = text.find('=');
    if (!is_in || mark == text.npos || text.starts_with('#') || text.starts_with(';') || line[0] == ' ' ||
        line[0] == '\t') {
      continue;
    }
    profile.emplace(trimmed(text.substr(0, mark)), trimmed(text.substr(mark + 1)));
  }
}

std::string first_of(std::initializer_list<std::string> texts) {
  for (const auto& text : texts) {
    if (!text.empty()) {
      return text;
    }
  }
  return {};
}

std::string own_file(const Variables& variables, const char* variable, std::string_view name) {
  return first_of({variables(variable), fmt::format("{}/.aws/{}", variables("HOME"), name)});
}

// What is in the credentials file counts before what is in the other.
Profile profile_of(const Variables& variables) {
  const auto name = first_of({variables("AWS_PROFILE"), "default"});
  Profile profile;
  read_section(own_file(variables, "AWS_SHARED_CREDENTIALS_FILE", "credentials"), name, profile);
  const auto config = own_file(variables, "AWS_CONFIG_FILE", "config");
  read_section(config, "profile " + name, profile);
  if (name == "default") {
    read_section(config, name, profile);
  }
  return profile;
}

}  // namespace

std::string AwsEnvironment::s3_url() const {
  return s3_endpoint.empty() ? url_of("s3", region) : s3_endpoint;
}

std::string AwsEnvironment::url_of(std::string_view service, std::string_view in) const {
  return endpoint.empty() ? fmt::format("https://{}.{}.amazonaws.com", service, in) : endpoint;
}

Variables own_variables() {
  return [](const char* name) {
    const char* const value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
}

Result<AwsEnvironment> aws_environment(const Variables& variables) {
  auto profile = profile_of(variables);
  auto key = variables("AWS_ACCESS_KEY_ID");
  auto secret = variables("AWS_SECRET_ACCESS_KEY");
  auto token = variables("AWS_SESSION_TOKEN");
  if (key.empty() || secret.empty()) {
    key = profile["aws_access_key_id"];
    secret = profile["aws_secret_access_key"];
    token = profile["aws_session_token"];
  }
  if (key.empty() || secret.empty()) {
    return Error{Errc::denied,
                 "no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"};
  }
  return AwsEnvironment{
      .region = first_of({variables("AWS_REGION"), variables("AWS_DEFAULT_REGION"), profile["region"]}),
      .credentials = {.access_key = key, .secret = crypto::Secret(ByteView(secret)), .session_token = token},
      .endpoint = first_of({variables("AWS_ENDPOINT_URL"), profile["endpoint_url"]}),
      .s3_endpoint = variables("AWS_ENDPOINT_URL_S3")};
}

}  // namespace cairn::node
