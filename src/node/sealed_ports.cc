// Tested by conformance/test_sealed.py.
#include "node/sealed_ports.h"

#include "catalog/sealed/sealed_catalog.h"
#include "catalog/sqlite/sqlite_catalog.h"
#include "journal/file/file_journal.h"
#include "journal/sealed/entry_sealer.h"
#include "journal/sealed/sealed_journal.h"
#include "node/key_binding.h"

namespace cairn::node {
namespace {

constexpr Millis kJournalMinAge{3'600'000};
constexpr std::string_view kCatalogFile = "catalog.sqlite";

std::filesystem::path key_file(const Config& config) {
  return config.master_key_file.empty() ? config.data / "master.key" : config.master_key_file;
}

// A folder that was mounted for the first start is empty.
bool has_data(const std::filesystem::path& data) {
  const auto holds_files = [&](std::string_view folder) {
    std::error_code failed;
    return std::filesystem::is_directory(data / folder, failed) &&
           !std::filesystem::is_empty(data / folder, failed) && !failed;
  };
  std::error_code failed;
  return std::filesystem::exists(data / kCatalogFile, failed) || holds_files("journal") ||
         holds_files("blobs");
}

Result<crypto::MasterKey> fitting(Result<crypto::MasterKey> key, const Config& config) {
  if (key) {
    CAIRN_TRY_VOID(check_key(config.data / kCatalogFile, *key, key_file(config)));
  }
  return key;
}

}  // namespace

Result<crypto::MasterKey> open_master_key(const Config& config) {
  const auto file = key_file(config);
  std::error_code failed;  // load() says it better
  if (has_data(config.data) && !std::filesystem::exists(file, failed) && !failed) {
    return Error{Errc::not_found,
                 "the data folder's master key is not there: put it back, nothing opens without it",
                 file.string()};
  }
  return fitting(crypto::MasterKey::load_or_create(file), config);
}

Result<crypto::MasterKey> load_master_key(const Config& config) {
  return fitting(crypto::MasterKey::load(key_file(config)), config);
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

Result<std::unique_ptr<catalog::Catalog>> open_catalog(const std::filesystem::path& data,
                                                       const crypto::MasterKey& key, const Clock& clock,
                                                       Metrics& metrics) {
  CAIRN_TRY(auto catalog, catalog::sqlite::open({.file = data / kCatalogFile}, clock, metrics));
  return catalog::sealed::make_sealed(std::move(catalog), key.derive(catalog::sealed::kKeyPurpose),
                                      {kSealedPrefixes.begin(), kSealedPrefixes.end()});
}

}  // namespace cairn::node
