// The doctor's checks of what lies in the data folder itself: who may read it, what is left over, how much
// room there is.
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "crypto/master_key.h"
#include "dedupe/id_file.h"
#include "node/doctor.h"
#include "node/key_binding.h"

namespace cairn::node {
namespace {

constexpr std::uint64_t kRoomWanted = 1ULL << 30;
constexpr std::uint64_t kRoomNeeded = 128ULL << 20;
constexpr Time kBuilt{Millis{1'767'225'600'000}};  // no clock is right before this: 2026-01-01

// May others than the owner do anything with it?
bool open_to_others(const std::filesystem::path& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 && (found.st_mode & (S_IRWXG | S_IRWXO)) != 0;
}

void check_private(const std::filesystem::path& path, const std::string& name, const char* mode,
                   Findings& findings) {
  std::error_code failed;
  if (!std::filesystem::exists(path, failed)) {
    findings.push_back({Health::warning, name, "is not there",
                        "it is made when Cairn starts; if it ran here before, find out who removed it"});
  } else if (open_to_others(path)) {
    findings.push_back({Health::error, name, "others than its owner may use it",
                        fmt::format("chmod {} {}", mode, path.string())});
  } else {
    findings.push_back({Health::ok, name, "is its owner's alone", ""});
  }
}

void check_master_key(const Patient& patient, Findings& findings) {
  const auto key = crypto::MasterKey::load(patient.master_key_file);
  if (!key && key.error().code == Errc::not_found) {
    findings.push_back({Health::error, "master key", patient.master_key_file.string() + " is not there",
                        "put it back: without it nothing that is sealed opens, and Cairn does not start"});
  } else if (!key) {
    findings.push_back({Health::error, "master key", key.error().text(), "see what the message says"});
  } else if (const auto fits = check_key(patient.data / "catalog.sqlite", *key, patient.master_key_file);
             !fits && fits.error().code == Errc::denied) {
    findings.push_back({Health::error, "master key", fits.error().text(), "see what the message says"});
  } else {
    findings.push_back({Health::ok, "master key", "is a key, and its owner's alone", ""});
  }
}

std::size_t count_files(const std::filesystem::path& folder) {
  std::error_code failed;
  std::size_t count = 0;
  for (std::filesystem::recursive_directory_iterator at(folder, failed), end; !failed && at != end;
       at.increment(failed)) {
    count += at->is_regular_file(failed) ? 1 : 0;
  }
  return count;
}

void check_leftovers(const Patient& patient, Findings& findings) {
  const auto scratch = count_files(patient.data / "scratch");
  const auto drafts = count_files(patient.data / "blobs" / ".tmp");
  const auto says = fmt::format("{} files in scratch/, {} unfinished blobs", scratch, drafts);
  // A stopped Cairn may leave them; its next start removes them.
  findings.push_back(
      {Health::ok, "leftovers",
       says + (patient.running || scratch + drafts == 0 ? "" : "; the next start removes them"), ""});
}

}  // namespace

void check_folder_and_secrets(const Patient& patient, Findings& findings) {
  findings.push_back({Health::ok, "lock",
                      patient.running ? "a Cairn runs on this folder" : "no Cairn runs on this folder", ""});
  check_private(patient.data, "folder", "700", findings);
  check_private(patient.data / "credentials", "credentials", "600", findings);
  check_master_key(patient, findings);
}

void check_event_ids(const Patient& patient, Findings& findings, Cursors& cursors) {
  const auto saved = dedupe::load(patient.data / "dedupe", [](const dedupe::Block&) {});
  if (!saved && saved.error().code != Errc::not_found) {
    findings.push_back({Health::error, "event ids", saved.error().text(),
                        "stop Cairn and remove dedupe/: it is made again from the journal"});
    return;
  }
  if (!saved || saved->number == 0) {
    findings.push_back({Health::ok, "event ids", "none are saved yet", ""});
    return;
  }
  cursors.cursors.push_back({"event ids", saved->cursor.raw()});
  findings.push_back(
      {Health::ok, "event ids",
       fmt::format("{} good bytes, {} that the next start cuts off", saved->good_bytes, saved->cut_bytes),
       ""});
}

void check_room(const Patient& patient, Findings& findings) {
  struct statvfs disk {};
  if (::statvfs(patient.data.c_str(), &disk) != 0) {
    findings.push_back({Health::error, "room", "the disk cannot be asked", "look at the disk"});
  } else {
    const auto free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
    const auto health = free < kRoomNeeded   ? Health::error
                        : free < kRoomWanted ? Health::warning
                                             : Health::ok;
    findings.push_back({health, "room", fmt::format("{} MiB are free", free >> 20),
                        health == Health::ok ? "" : "make room: Cairn refuses calls when the disk is full"});
  }
  if (patient.now < kBuilt) {
    findings.push_back({Health::error, "clock", "it says " + rfc3339(patient.now), "set the clock"});
  } else {
    findings.push_back({Health::ok, "clock", "it says " + rfc3339(patient.now), ""});
  }
  check_leftovers(patient, findings);
}

}  // namespace cairn::node
