// Tested by conformance/test_sealed.py.
#include "node/sealed_ports.h"

#include "catalog/sealed/sealed_catalog.h"
#include "catalog/sqlite/sqlite_catalog.h"
#include "journal/file/file_journal.h"
#include "journal/sealed/entry_sealer.h"
#include "journal/sealed/sealed_journal.h"

namespace cairn::node {
namespace {

constexpr Millis kJournalMinAge{3'600'000};
constexpr std::string_view kCatalogFile = "catalog.sqlite";

}  // namespace

Result<crypto::MasterKey> open_master_key(const Config& config) {
  const auto file = config.master_key_file.empty() ? config.data / "master.key" : config.master_key_file;
  std::error_code failed;  // load() says it better
  if (std::filesystem::exists(config.data / kCatalogFile, failed) && !std::filesystem::exists(file, failed) &&
      !failed) {
    return Error{Errc::not_found,
                 "the data folder's master key is not there: put it back, nothing opens without it",
                 file.string()};
  }
  return crypto::MasterKey::load_or_create(file);
}

Result<std::unique_ptr<journal::Journal>> open_journal(const std::filesystem::path& data,
                                                       const crypto::MasterKey& key,
                                                       std::function<bool()> hurry, const Clock& clock,
                                                       Metrics& metrics) {
  const journal::Limits limits;
  CAIRN_TRY(auto journal, journal::open({.folder = data / "journal",
                                         .min_age = kJournalMinAge,
                                         .hurry = std::move(hurry),
                                         .limits = journal::with_room_for_sealing(limits)},
                                        clock, metrics));
  return journal::make_sealed(std::move(journal), key.derive(journal::SealedEntry::kPurpose), limits);
}

// Of the documents those that hold records: what no job could seal into a segment, rows that could not be
// read, and what waits for a log file.
Result<std::unique_ptr<catalog::Catalog>> open_catalog(const std::filesystem::path& data,
                                                       const crypto::MasterKey& key, const Clock& clock,
                                                       Metrics& metrics) {
  CAIRN_TRY(auto catalog, catalog::sqlite::open({.file = data / kCatalogFile}, clock, metrics));
  return catalog::sealed::make_sealed(std::move(catalog), key.derive(catalog::sealed::kKeyPurpose),
                                      {"store/history/aside/", "front/unreadable/", "delivery/echoes/"});
}

}  // namespace cairn::node
