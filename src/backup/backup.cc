// The order makes the copy consistent:
//
//   1. event ids      their cursor is then no later than anything below
//   2. catalog        one moment; it names blobs and positions, and knows the outbox's last number
//   3. journal        from its beginning up to the first group with a number that the catalog does not know.
//   What
//                     is cut off was acknowledged after (2): every cursor of (2) is before it, and a row that
//                     was in the outbox at (2) is sent again
//   4. blobs          all that (2) names, and perhaps more, which the next start removes
//
// Nothing is removed meanwhile, so what (1) and (2) name is there in (3) and (4): of the blobs it is checked.
// If one is missing all the same, the backup begins anew, or says so where the original lacks it.
//
// Tested by backup_test.cc and conformance/test_backup.py.
#include "backup/backup.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "backup/copier.h"
#include "backup/manifest.h"
#include "backup/named_blobs.h"
#include "base/file.h"
#include "base/hold.h"
#include "base/log.h"
#include "catalog/sqlite/offline.h"
#include "event/entry.h"
#include "journal/file/check.h"

namespace cairn::backup {
namespace {

namespace fs = std::filesystem;

constexpr int kTriesMax = 5;

Result<void> empty_folder(const fs::path& folder) {
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    fs::remove_all(at->path(), failed);
    if (failed) {
      break;
    }
  }
  return failed ? Result<void>(system_error(failed.value(), "empty folder", folder.native()))
                : Result<void>();
}

class Copying {
 public:
  explicit Copying(const Source& source) : from_(source.data), to_(source.to) {}

  Result<Summary> run(const Clock& clock) {
    CAIRN_TRY_VOID(event_ids());
    head_.made = clock.now();
    CAIRN_TRY_VOID(catalog());
    CAIRN_TRY_VOID(journal());
    CAIRN_TRY_VOID(begin_manifest());
    CAIRN_TRY_VOID(blobs());
    CAIRN_TRY_VOID(check_blobs());
    CAIRN_TRY_VOID(end_manifest());
    summary_.journal_end = head_.end;
    return summary_;
  }

 private:
  // The newest file; it may be replaced by the next one while it is copied.
  Result<void> event_ids() {
    for (int attempt = 1;; ++attempt) {
      const auto newest = newest_ids();
      if (newest.empty()) {
        return {};
      }
      auto copied = copy("dedupe/" + newest);
      if (copied || copied.error().code != Errc::not_found || attempt == kTriesMax) {
        return copied;
      }
      std::error_code ignored;
      fs::remove(to_ / "dedupe" / newest, ignored);
    }
  }

  std::string newest_ids() const {
    std::string newest;
    std::error_code failed;
    for (fs::directory_iterator at(from_ / "dedupe", failed), end; !failed && at != end;
         at.increment(failed)) {
      const auto name = at->path().filename().native();
      newest = name.ends_with(".ids") ? std::max(newest, name) : newest;
    }
    return newest;
  }

  Result<void> catalog() {
    const auto target = to_ / "catalog.sqlite";
    {
      CAIRN_TRY(auto original, catalog::sqlite::Offline::open(from_ / "catalog.sqlite"));
      CAIRN_TRY_VOID(original.copy_to(target));
    }
    std::error_code failed;
    fs::permissions(target, fs::perms::owner_read | fs::perms::owner_write, failed);
    {
      CAIRN_TRY(auto copied, catalog::sqlite::Offline::open(target));
      CAIRN_TRY_VOID(copied.check());
      CAIRN_TRY(head_.outbox_last, copied.outbox_last());
    }
    CAIRN_TRY(auto hashed, hash_file(target));
    return note("catalog.sqlite", std::move(hashed));
  }

  Result<void> journal() {
    std::optional<Error> bad;
    const auto is_known = [&](const journal::Entry& entry) {
      const auto head = event::decode_entry_head(entry.payload);
      if (!head) {
        bad = head.error();
      }
      return head && head->outbox_number <= head_.outbox_last;
    };
    journal::Checked checked;
    CAIRN_TRY_VOID(journal::check_folder(from_ / "journal", is_known, checked));
    if (bad) {
      return *std::move(bad);
    }
    for (const auto& file : checked.files) {
      CAIRN_TRY_VOID(copy("journal/" + file.path.filename().native(), file.bytes));
      head_.end = file.end;
    }
    return {};
  }

  Result<void> blobs() {
    std::error_code failed;
    const auto root = from_ / "blobs";
    for (fs::recursive_directory_iterator at(root, failed), end; !failed && at != end; at.increment(failed)) {
      if (at->path().filename().native().starts_with('.')) {
        at.disable_recursion_pending();  // drafts, and our own hold
      } else if (at->is_regular_file(failed)) {
        CAIRN_TRY_VOID(copy("blobs/" + at->path().lexically_relative(root).native()));
      }
    }
    return failed ? Result<void>(system_error(failed.value(), "list blobs", root.native())) : Result<void>();
  }

  // What the copied catalog names is in the copy. If it is not, it either went meanwhile (Errc::conflict:
  // once more) or had gone before: lost.
  Result<void> check_blobs() {
    CAIRN_TRY(auto copied, catalog::sqlite::Offline::open(to_ / "catalog.sqlite"));
    return each_named_blob(copied, [this](const NamedBlob& blob) -> Result<void> {
      std::error_code failed;
      if (fs::file_size(to_ / "blobs" / blob.name, failed) == blob.bytes && !failed) {
        return {};
      }
      CAIRN_TRY(auto original, catalog::sqlite::Offline::open(from_ / "catalog.sqlite"));
      CAIRN_TRY(const auto now, original.get(blob.by.key));
      if (!now || now->value != blob.by.value) {
        return Error{Errc::conflict, "back up: a blob went while it was copied", blob.name};
      }
      lost(blob);
      return {};
    });
  }

  void lost(const NamedBlob& blob) {
    if (++summary_.lost_count <= Summary::kLostMax) {
      summary_.lost.push_back(blob.name);
      log::error("a blob is not there whole: the backup goes on without it",
                 {{"blob", blob.name}, {"document", blob.by.key}});
    }
  }

  Result<void> copy(const std::string& path, std::uint64_t bytes_max = ~0ULL) {
    CAIRN_TRY(auto copied, copy_and_hash(from_ / path, to_ / path, bytes_max));
    return note(path, std::move(copied));
  }

  Result<void> note(const std::string& path, Copied copied) {
    summary_.files += 1;
    summary_.bytes += copied.bytes;
    const auto line = to_line(Item{.path = path, .bytes = copied.bytes, .sha256 = std::move(copied.sha256)});
    if (!manifest_.is_open()) {
      first_lines_ += line;  // before the head is known: a few files
      return {};
    }
    return write_manifest(line);
  }

  Result<void> begin_manifest() {
    manifest_.open(to_ / kDraft, std::ios::binary | std::ios::trunc);
    return write_manifest(to_line(head_) + first_lines_);
  }

  Result<void> write_manifest(std::string_view text) {
    manifest_.write(text.data(), static_cast<std::streamsize>(text.size()));
    return manifest_ ? Result<void>() : Error{Errc::limit, "write the backup's manifest", to_.native()};
  }

  // Once all else is durable.
  Result<void> end_manifest() {
    CAIRN_TRY_VOID(write_manifest(to_line(End{summary_.files})));
    manifest_.close();
    if (manifest_.fail()) {
      return Error{Errc::limit, "write the backup's manifest", to_.native()};
    }
    CAIRN_TRY_VOID(sync_all(to_));
    std::error_code failed;
    fs::rename(to_ / kDraft, to_ / kManifestName, failed);
    if (failed) {
      return system_error(failed.value(), "name the backup's manifest", to_.native());
    }
    return sync_all(to_);
  }

  static constexpr const char* kDraft = "manifest.new";

  const fs::path from_;
  const fs::path to_;
  Head head_{};
  Summary summary_{};
  std::string first_lines_;
  std::ofstream manifest_;
};

}  // namespace

Result<Summary> back_up(const Source& source, const Clock& clock) {
  std::error_code failed;
  if (!fs::is_regular_file(source.data / "catalog.sqlite", failed)) {
    return Error{Errc::not_found, "back up: this is no data folder", source.data.native()};
  }
  CAIRN_TRY_VOID(make_empty_folder(source.to));
  CAIRN_TRY(const auto journal_held, Hold::take(source.data / "journal"));
  CAIRN_TRY(const auto blobs_held, Hold::take(source.data / "blobs"));
  for (int attempt = 1;; ++attempt) {
    auto done = Copying(source).run(clock);
    if (done || done.error().code != Errc::conflict || attempt == kTriesMax) {
      return done;
    }
    log::warn("the backup begins anew", {{"because", done.error().text()}});
    CAIRN_TRY_VOID(empty_folder(source.to));
  }
}

}  // namespace cairn::backup
