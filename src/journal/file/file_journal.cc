#include "journal/file/file_journal.h"

#include <fmt/format.h>

#include "journal/file/file_reader.h"
#include "journal/file/measures.h"
#include "journal/file/retirement.h"
#include "journal/file/start.h"
#include "journal/file/writer.h"

namespace cairn::journal {
namespace {

constexpr std::uint64_t kPendingBytesMax = 1ULL << 30;  // a group's size has 32 bits

class FileJournal final : public Journal {
 public:
  FileJournal(Options options, const Clock& clock, Metrics& metrics, Disk& disk)
      : options_(std::move(options)),
        clock_(clock),
        disk_(disk),
        measures_(metrics),
        retirement_(files_, disk, clock, measures_,
                    {.folder = options_.folder,
                     .min_age = options_.min_age,
                     .hurry = options_.hurry,
                     .files_max = std::max<std::size_t>(options_.aged_bytes_max / options_.file_bytes, 1)}) {
    metrics.limit("cairn_journal_pending_bytes", static_cast<double>(options_.limits.pending_bytes_max));
  }

  Result<void> start();

  std::uint32_t partitions() const override { return 1; }
  Partition partition_of(std::string_view) const override { return Partition{0}; }
  Task<Result<Position>> append(Partition partition, std::span<const std::string> payloads) override;
  Position end(Partition) const override { return files_.end(); }
  Position begin(Partition) const override { return files_.begin(); }
  Result<std::unique_ptr<Reader>> reader(Partition partition, Position from) override;
  Result<void> retire(Partition partition, Position position) override;

 private:
  Result<std::uint64_t> check(Partition partition, std::span<const std::string> payloads) const;

  const Options options_;
  const Clock& clock_;
  Disk& disk_;
  Measures measures_;
  Files files_;
  Retirement retirement_;
  std::unique_ptr<Writer> writer_;  // goes first: it uses the others
};

Result<void> check_partition(Partition partition) {
  if (partition != Partition{0}) {
    return Error{Errc::invalid, "a file journal has partition 0 only", std::to_string(partition.raw())};
  }
  return {};
}

Result<void> FileJournal::start() {
  CAIRN_TRY(auto active, journal::start(options_.folder, options_.file_bytes, clock_, disk_, files_));
  measures_.files.set(static_cast<double>(files_.count()));
  measures_.first_position.set(static_cast<double>(files_.begin().raw()));
  measures_.end_position.set(static_cast<double>(files_.end().raw()));
  writer_ = std::make_unique<Writer>(
      Writer::Options{.folder = options_.folder,
                      .file_bytes = options_.file_bytes,
                      .pending_bytes_max = options_.limits.pending_bytes_max},
      Writer::Parts{
          .disk = disk_, .clock = clock_, .files = files_, .retirement = retirement_, .measures = measures_},
      std::move(active));
  return {};
}

Task<Result<Position>> FileJournal::append(Partition partition, std::span<const std::string> payloads) {
  CAIRN_CO_TRY(const auto bytes, check(partition, payloads));
  if (const auto room = writer_->reserve(bytes)) {
    CAIRN_CO_TRY_VOID(co_await room->wait());
  }
  const auto answer = writer_->write(serialise(payloads));
  co_return co_await answer->wait();
}

Result<std::uint64_t> FileJournal::check(Partition partition, std::span<const std::string> payloads) const {
  CAIRN_TRY_VOID(check_partition(partition));
  if (payloads.empty()) {
    return Error{Errc::invalid, "append to journal: a batch of nothing"};
  }
  for (const auto& payload : payloads) {
    if (payload.size() > options_.limits.entry_bytes_max) {
      return Error{Errc::limit, fmt::format("append to journal: an entry of {} bytes, entry_bytes_max is {}",
                                            payload.size(), options_.limits.entry_bytes_max)};
    }
  }
  const auto bytes = serialised_bytes(payloads);
  if (bytes > options_.limits.pending_bytes_max) {
    return Error{Errc::limit, fmt::format("append to journal: a batch of {} bytes, pending_bytes_max is {}",
                                          bytes, options_.limits.pending_bytes_max)};
  }
  return bytes;
}

Result<std::unique_ptr<Reader>> FileJournal::reader(Partition partition, Position from) {
  CAIRN_TRY_VOID(check_partition(partition));
  if (from > files_.end()) {
    return Error{Errc::invalid, fmt::format("read journal: it ends at {}", files_.end().raw()),
                 std::to_string(from.raw())};
  }
  CAIRN_TRY([[maybe_unused]] const auto there, files_.locate(from));
  return std::unique_ptr<Reader>(std::make_unique<FileReader>(files_, from, options_.limits.read_bytes_max));
}

Result<void> FileJournal::retire(Partition partition, Position position) {
  CAIRN_TRY_VOID(check_partition(partition));
  return retirement_.retire(position);
}

}  // namespace

Result<std::unique_ptr<Journal>> open(Options options, const Clock& clock, Metrics& metrics, Disk& disk) {
  const auto& limits = options.limits;
  if (limits.pending_bytes_max > kPendingBytesMax || limits.entry_bytes_max > kPendingBytesMax) {
    return Error{Errc::invalid, fmt::format("open journal: limits above {} bytes", kPendingBytesMax)};
  }
  auto journal = std::make_unique<FileJournal>(std::move(options), clock, metrics, disk);
  CAIRN_TRY_VOID(journal->start());
  return std::unique_ptr<Journal>(std::move(journal));
}

Result<std::unique_ptr<Journal>> open(Options options, const Clock& clock, Metrics& metrics) {
  return open(std::move(options), clock, metrics, system_disk());
}

}  // namespace cairn::journal
