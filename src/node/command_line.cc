#include "node/command_line.h"

#include <fmt/format.h>

#include <cstdio>

extern char** environ;

namespace cairn::node {
namespace {

std::vector<std::pair<std::string, std::string>> own_environment() {
  std::vector<std::pair<std::string, std::string>> own;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    const auto mark = text.find('=');
    if (text.starts_with("CAIRN_") && mark != std::string_view::npos) {
      own.emplace_back(text.substr(0, mark), text.substr(mark + 1));
    }
  }
  return own;
}

}  // namespace

int complain(const Error& error) {
  fmt::print(stderr, "cairn: {}\n", error.text());
  return kFailed;
}

Result<Config> load_from(const std::string& file, const std::map<std::string, std::string>& flags) {
  Sources sources{.file = file, .environment = own_environment(), .flags = {}};
  for (const auto& [name, text] : flags) {
    if (!text.empty()) {
      sources.flags.emplace_back(name, text);
    }
  }
  return load(sources);
}

}  // namespace cairn::node
