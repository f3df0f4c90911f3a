// What all commands share: where the configuration comes from, and how an error is told. Each command is a
// file of its own, with one function here that adds it to the command line.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/result.h"
#include "node/config.h"

namespace CLI {
class App;
}

namespace cairn::node {

inline constexpr int kFailed = 1;

// Prints it; the process's exit status.
int complain(const Error& error);

// File, CAIRN_… variables and flags (dotted name, text; an empty text is none).
Result<Config> load_from(const std::string& file, const std::map<std::string, std::string>& flags);

// What was chosen on the command line: runs, and returns the exit status.
using Chosen = std::function<int()>;

void add_admin(CLI::App& app, Chosen& chosen);
void add_explain(CLI::App& app, Chosen& chosen);
void add_doctor(CLI::App& app, Chosen& chosen);
void add_backup(CLI::App& app, Chosen& chosen);  // and restore
void add_tail(CLI::App& app, Chosen& chosen);
void add_verify(CLI::App& app, Chosen& chosen);
void add_worker(CLI::App& app, Chosen& chosen);
void add_journal_dump(CLI::App& journal, Chosen& chosen);
void add_journal_check(CLI::App& journal, Chosen& chosen);

}  // namespace cairn::node
