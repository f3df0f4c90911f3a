// Tested by config_test.cc.
#include "node/config_outlets.h"

#include <algorithm>
#include <boost/json/value_from.hpp>
#include <cctype>

#include "json/json.h"
#include "mail/mail.h"
#include "mail/smtp.h"

namespace cairn::node {
namespace {

// Without what would end it where it is used.
bool is_user(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c < '\0' || c >= ' '; });
}

Setting file_setting(std::string name, std::filesystem::path& value) {
  return {std::move(name),
          [&value](std::string_view text) -> Result<void> {
            value = text;
            return {};
          },
          [&value] { return value.string(); }};
}

// Empty, or what is a good one.
Setting checked_setting(std::string name, std::string& value, bool (*is_good)(std::string_view),
                        std::string what) {
  const auto set = [&value, is_good, what](std::string_view text) -> Result<void> {
    if (!text.empty() && !is_good(text)) {
      return Error{Errc::invalid, what};
    }
    value = text;
    return {};
  };
  return {std::move(name), set, [&value] { return value; }};
}

bool is_command_name(std::string_view text) {
  constexpr std::size_t kNameMax = 64;
  return !text.empty() && text.size() <= kNameMax && std::ranges::all_of(text, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
  });
}

// A program by its whole path, and its arguments.
Result<std::vector<std::string>> command_line_in(const json::value& value) {
  std::vector<std::string> line;
  for (const auto& word : value.is_array() ? value.get_array() : json::array()) {
    line.push_back(word.is_string() ? std::string(word.get_string()) : std::string());
    if (!word.is_string() || line.back().find('\0') != std::string::npos) {
      return Error{Errc::invalid, "must be lists of words"};
    }
  }
  if (line.empty() || !line.front().starts_with('/')) {
    return Error{Errc::invalid, "must be lists that begin with the whole path of a program"};
  }
  return line;
}

// {"NAME": ["/program", "argument"]}
Setting commands_setting(std::string name, Programs& commands) {
  const auto set = [&commands](std::string_view text) -> Result<void> {
    commands.clear();
    CAIRN_TRY(const auto given, json::parse_object(text));
    for (const auto& [called, line] : given) {
      if (!is_command_name(called)) {
        return Error{Errc::invalid, "names must be 1 to 64 letters, digits, - and _"};
      }
      CAIRN_TRY(commands[std::string(called)], command_line_in(line));
    }
    return {};
  };
  return {std::move(name), set, [&commands] {
            json::object shown;
            for (const auto& [called, line] : commands) {
              shown[called] = boost::json::value_from(line);
            }
            return json::serialize(shown);
          }};
}

}  // namespace

std::vector<Setting> outlet_settings(Config& config) {
  return {
      checked_setting("sns.smtp.url", config.sns.smtp.url, mail::is_server_url,
                      "must be smtp:// or smtps:// with a host, and nothing behind it but a port"),
      checked_setting("sns.smtp.from", config.sns.smtp.from, mail::is_address, "must be an address of mail"),
      checked_setting("sns.smtp.user", config.sns.smtp.user, is_user, "must be a name"),
      file_setting("sns.smtp.password_file", config.sns.smtp.password_file),
      file_setting("sns.smtp.ca_file", config.sns.smtp.ca_file),
      commands_setting("sns.commands", config.sns.commands),
  };
}

Result<void> check_outlets(const Config& config) {
  const auto& smtp = config.sns.smtp;
  if (smtp.url.empty() != smtp.from.empty()) {
    return Error{Errc::invalid, "sns.smtp: url and from go together"};
  }
  if (smtp.user.empty() != smtp.password_file.empty() || (smtp.url.empty() && !smtp.user.empty())) {
    return Error{Errc::invalid, "sns.smtp: user and password_file go together, and with url"};
  }
  return {};
}

}  // namespace cairn::node
