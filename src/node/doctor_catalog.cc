// The doctor's look at the catalog: the file itself, what its documents say, and whether the blobs they name
// are there. A document is read as JSON; what more it must be, its owner says when it is used.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <optional>

#include "backup/named_blobs.h"
#include "base/file.h"
#include "blob/name.h"
#include "catalog/sealed/sealed_catalog.h"
#include "catalog/sqlite/offline.h"
#include "crypto/master_key.h"
#include "crypto/sealed_file.h"
#include "json/json.h"
#include "node/doctor.h"
#include "node/key_binding.h"
#include "node/sealed_ports.h"

namespace cairn::node {
namespace {

using catalog::Document;
using catalog::sqlite::Offline;

constexpr std::size_t kToldMax = 5;  // of one kind of trouble
constexpr Millis kDeliveryPatience{3'600'000};

// Documents that are JSON objects; others may be.
constexpr std::array<std::string_view, 14> kObjects = {
    "access/account/",  "access/user/",    "access/key/",     "delivery/state", "delivery/plan/",
    "delivery/status/", "delivery/trail/", "front/forwarder", "s3/bucket/",     "s3/notice/",
    "s3/object/",       "s3/setting/",     "s3/version/",     "store/"};

class Trouble {
 public:
  void add(std::string text) {
    count_ += 1;
    if (count_ <= kToldMax) {
      told_ += (told_.empty() ? "" : "; ") + std::move(text);
    }
  }
  bool none() const { return count_ == 0; }
  std::string text() const {
    return told_ + (count_ > kToldMax ? fmt::format("; and {} more", count_ - kToldMax) : "");
  }

 private:
  std::size_t count_ = 0;
  std::string told_;
};

bool is_object(std::string_view key) {
  return std::ranges::any_of(kObjects, [&](std::string_view prefix) { return key.starts_with(prefix); });
}

bool is_below_sealed(std::string_view key) {
  return std::ranges::any_of(kSealedPrefixes,
                             [&](std::string_view prefix) { return key.starts_with(prefix); });
}

enum class Kind { sealed, parquet, other };

// What is wrong with a blob's file; nothing: all is well.
std::optional<std::string> fault_of(const std::filesystem::path& file, std::uint64_t bytes, Kind kind) {
  const File opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat found {};
  if (!opened.is_open() || ::fstat(opened.descriptor(), &found) != 0 || !S_ISREG(found.st_mode)) {
    return "is not there";
  }
  if (static_cast<std::uint64_t>(found.st_size) != bytes) {
    return fmt::format("has {} bytes and not {}", found.st_size, bytes);
  }
  std::array<char, crypto::SealedFile::kHeadBytes> head{};
  if (kind == Kind::sealed &&
      (::pread(opened.descriptor(), head.data(), head.size(), 0) != static_cast<ssize_t>(head.size()) ||
       !crypto::SealedFile::is_head(std::string_view(head.data(), head.size())))) {
    return "does not begin as a sealed file does";
  }
  char mark[4] = {};
  if (kind == Kind::parquet &&
      (::pread(opened.descriptor(), mark, sizeof mark, found.st_size - 4) != sizeof mark ||
       std::string_view(mark, sizeof mark) != "PAR1")) {
    return "does not end as a Parquet file does";
  }
  return std::nullopt;
}

class Look {
 public:
  // Without the folder's key what is sealed is not opened.
  Look(const Patient& patient, Offline& offline) : patient_(patient), offline_(offline) {
    const auto key = crypto::MasterKey::load(patient.master_key_file);
    if (key && check_key(patient.data / "catalog.sqlite", *key, patient.master_key_file)) {
      opener_.emplace(key->derive(catalog::sealed::kKeyPurpose));
    }
  }

  Result<void> at_documents() {
    CAIRN_TRY(documents_, offline_.each("", [this](const Document& document) { return one(document); }));
    return {};
  }

  void report(Findings& findings) const {
    if (bad_.none()) {
      const auto closed = closed_ == 0 ? "" : fmt::format("; {} sealed ones were not opened", closed_);
      findings.push_back({Health::ok, "documents", fmt::format("{} can be read{}", documents_, closed), ""});
    } else {
      findings.push_back({Health::error, "documents", bad_.text(), "restore a backup, or ask for help"});
    }
    if (missing_.none()) {
      findings.push_back({Health::ok, "blobs", fmt::format("{} are there with their sizes", blobs_), ""});
    } else {
      findings.push_back({Health::error, "blobs", missing_.text(), "restore them from a backup's blobs/"});
    }
    const bool late = oldest_plan_ && patient_.now - *oldest_plan_ > kDeliveryPatience;
    findings.push_back({late ? Health::warning : Health::ok, "spool",
                        plans_ == 0 ? "no log file waits"
                                    : fmt::format("{} log files wait, the oldest since {}", plans_,
                                                  rfc3339(oldest_plan_.value_or(patient_.now))),
                        late ? "see GetTrailStatus and the log for why they cannot be delivered" : ""});
  }

 private:
  Result<void> one(const Document& document) {
    if (!is_below_sealed(document.key) || !catalog::sealed::is_sealed(document.value)) {
      return plain(document);
    }
    if (document.key.starts_with(kUnreadablePrefix)) {
      return {};  // a row that did not open: the log and a metric said so
    }
    if (!opener_) {
      closed_ += 1;
      return {};
    }
    auto opened = catalog::sealed::open_document(*opener_, document);
    if (!opened) {
      bad_.add(opened.error().text());
      return {};
    }
    return plain({.key = document.key, .value = *std::move(opened), .version = document.version});
  }

  Result<void> plain(const Document& document) {
    if (!is_object(document.key) && !document.value.starts_with('{')) {
      return {};
    }
    const auto parsed = json::parse_object(document.value);
    if (!parsed) {
      bad_.add(document.key + ": " + parsed.error().text());
      return {};
    }
    for (const auto& rule : backup::kBlobRules) {
      if (document.key.starts_with(rule.prefix)) {
        blob(document, *parsed, rule);
      }
    }
    if (document.key.starts_with("delivery/plan/")) {
      const Time made{Millis{json::find_int(*parsed, "made").value_or(0)}};
      oldest_plan_ = std::min(oldest_plan_.value_or(made), made);
      plans_ += 1;
    }
    return {};
  }

  void blob(const Document& document, const json::object& parsed, const backup::BlobRule& rule) {
    const auto name = json::find_string(parsed, rule.blob);
    if (!name || name->empty()) {
      return;
    }
    const auto bytes = json::find_int(parsed, rule.bytes);
    if (!bytes) {
      bad_.add(fmt::format("{}: has no {}", document.key, rule.bytes));
      return;
    }
    blobs_ += 1;
    const auto kind = blob::wants_sealing(*name) ? Kind::sealed
                      : rule.is_parquet          ? Kind::parquet
                                                 : Kind::other;
    const auto fault = fault_of(patient_.data / "blobs" / *name,
                                backup::file_bytes(*name, static_cast<std::uint64_t>(*bytes)), kind);
    if (fault && is_still_there(document)) {
      missing_.add(fmt::format("{} (of {}) {}", *name, document.key, *fault));
    }
  }

  // While Cairn runs, the document may have gone with its blob.
  bool is_still_there(const Document& document) const {
    if (!patient_.running) {
      return true;
    }
    auto again = Offline::open(patient_.data / "catalog.sqlite");
    const auto now = again ? again->get(document.key) : Result<std::optional<Document>>(again.error());
    return !now || (*now && (*now)->value == document.value);
  }

  const Patient& patient_;
  Offline& offline_;
  std::optional<crypto::MessageOpener> opener_;
  std::uint64_t documents_ = 0;
  std::uint64_t closed_ = 0;  // sealed, and not opened
  std::uint64_t blobs_ = 0;
  std::uint64_t plans_ = 0;
  std::optional<Time> oldest_plan_;
  Trouble bad_;
  Trouble missing_;
};

// Documents that hold a position of the journal.
constexpr std::array<std::array<std::string_view, 3>, 3> kCursorDocuments = {{
    {"front/forwarder", "position", "the outbox's forwarder"},
    {"store/history/cursor", "position", "the event history"},
    {"delivery/state", "cursor", "delivery"},
}};

Result<void> read_cursors(Offline& offline, Cursors& cursors) {
  for (const auto& [key, member, name] : kCursorDocuments) {
    CAIRN_TRY(const auto document, offline.get(key));
    if (!document) {
      continue;
    }
    CAIRN_TRY(const auto parsed, json::parse_object(document->value));
    const auto position = json::find_int(parsed, member);
    if (!position) {
      return Error{Errc::corrupt, "a cursor's document is not what was written", std::string(key)};
    }
    cursors.cursors.push_back({std::string(name), static_cast<std::uint64_t>(*position)});
  }
  return {};
}

Result<void> look_at(const Patient& patient, Findings& findings, Cursors& cursors) {
  CAIRN_TRY(auto offline, Offline::open(patient.data / "catalog.sqlite"));
  CAIRN_TRY_VOID(offline.check());
  CAIRN_TRY_VOID(read_cursors(offline, cursors));
  CAIRN_TRY(const auto rows, offline.outbox_rows());
  findings.push_back(
      {Health::ok, "catalog", fmt::format("every page is sound; {} rows wait in the outbox", rows), ""});
  Look look(patient, offline);
  CAIRN_TRY_VOID(look.at_documents());
  look.report(findings);
  return {};
}

}  // namespace

void check_catalog(const Patient& patient, Findings& findings, Cursors& cursors) {
  const auto done = look_at(patient, findings, cursors);
  if (done) {
    return;
  }
  const bool is_new = done.error().code == Errc::not_found;
  findings.push_back({Health::error, "catalog", done.error().text(),
                      is_new ? "is this a data folder? If so, restore a backup"
                             : "keep a copy of the folder, then restore a backup"});
}

}  // namespace cairn::node
