// What `cairn` can be told to do. The commands that look after a data folder are files of their own
// (command_line.h).
#pragma once

#include <functional>
#include <map>
#include <string>

namespace CLI {
class App;
}

namespace cairn::node {

class Commands {
 public:
  void add_to(CLI::App& app);
  // Does what the command line asked for; the process's exit status.
  int run();

 private:
  void add_settings(CLI::App& command);
  int serve();
  int check_config();

  std::string config_file_;
  std::map<std::string, std::string> flags_;  // by setting
  std::function<int()> chosen_;
};

}  // namespace cairn::node
