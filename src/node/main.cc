#include <CLI/CLI.hpp>

#include "node/commands.h"

int main(int argc, char** argv) {
  CLI::App app{"Cairn: a self-hosted audit trail that speaks AWS CloudTrail"};
  app.require_subcommand(1);
  cairn::node::Commands commands;
  commands.add_to(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e);
  }
  return commands.run();
}
