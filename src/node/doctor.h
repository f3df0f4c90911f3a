// doctor: looks a data folder over, of a Cairn that is stopped or that runs, and changes nothing in it.
//
// One finding a check. What a running Cairn changes meanwhile is looked at again before it is called wrong.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace cairn::node {

enum class Health { ok, warning, error };

struct Finding {
  Health health = Health::ok;
  std::string check;   // "journal"
  std::string says;    // "1207 entries in 3 files, positions 0 to 1206"
  std::string advice;  // what to do; empty when all is well
};
using Findings = std::vector<Finding>;

struct Patient {
  std::filesystem::path data;
  std::filesystem::path master_key_file;
  Time now;
  bool running = false;  // another process has the folder's lock
};

Findings examine(const Patient& patient);

// The checks, in the order in which they must run: what refers to the journal is read before the journal, so
// that a running Cairn cannot get ahead of what was read.
struct Cursors {
  struct Named {
    std::string name;
    std::uint64_t position;
  };
  std::vector<Named> cursors;
};
void check_folder_and_secrets(const Patient& patient, Findings& findings);
void check_catalog(const Patient& patient, Findings& findings, Cursors& cursors);
void check_event_ids(const Patient& patient, Findings& findings, Cursors& cursors);
void check_journal(const Patient& patient, Findings& findings, const Cursors& cursors);
void check_room(const Patient& patient, Findings& findings);

}  // namespace cairn::node
