// Tested by backup_test.cc and conformance/test_backup.py.
#include "backup/backup.h"
#include "backup/copier.h"
#include "backup/manifest.h"
#include "crypto/master_key.h"

namespace cairn::backup {
namespace {

// Into a folder beside the one that is wanted, which gets its name when all is there.
Result<Summary> copy_back(const Target& target, const std::filesystem::path& draft) {
  CAIRN_TRY(auto manifest, ManifestReader::open(target.from));
  Summary summary{.files = 0, .bytes = 0, .journal_end = manifest.head().end};
  while (true) {
    CAIRN_TRY(const auto item, manifest.next());
    if (!item) {
      break;
    }
    CAIRN_TRY(const auto copied, copy_and_hash(target.from / item->path, draft / item->path));
    if (copied.bytes != item->bytes || copied.sha256 != item->sha256) {
      return Error{Errc::corrupt, "restore: a file is not what the manifest says", item->path};
    }
    summary.files += 1;
    summary.bytes += copied.bytes;
  }
  if (!target.master_key.empty()) {
    CAIRN_TRY([[maybe_unused]] const auto key, crypto::MasterKey::load(target.master_key));
    CAIRN_TRY([[maybe_unused]] const auto copied, copy_and_hash(target.master_key, draft / "master.key"));
  }
  if (target.check) {
    CAIRN_TRY_VOID(target.check(draft));
  }
  CAIRN_TRY_VOID(sync_all(draft));
  return summary;
}

Result<void> give_name(const std::filesystem::path& draft, const std::filesystem::path& data) {
  std::error_code failed;
  std::filesystem::rename(draft, data, failed);  // replaces an empty folder
  if (failed) {
    return system_error(failed.value(), "name the restored folder", data.native());
  }
  return sync_all(data);
}

}  // namespace

Result<Summary> restore(const Target& target) {
  // A name with a slash at its end has an empty last part.
  const auto data = target.data.has_filename() ? target.data : target.data.parent_path();
  CAIRN_TRY_VOID(make_empty_folder(data));
  auto draft = data;
  draft += ".restoring";
  CAIRN_TRY_VOID(make_empty_folder(draft));
  auto done = copy_back(target, draft);
  if (done) {
    if (auto named = give_name(draft, data); !named) {
      done = std::move(named).error();
    }
  }
  if (!done) {
    std::error_code ignored;
    std::filesystem::remove_all(draft, ignored);
  }
  return done;
}

}  // namespace cairn::backup
