// DuckDB writes the Parquet file, one thread and one row group at a time, into a pipe that seals it; the
// postings are built from the same rows as they pass. The Parquet file is opened and read back before anybody
// is told of it.
//
// Tested by job_test.cc.
#include "store/segment_writer.h"

#include <fmt/format.h>

#include <limits>
#include <set>
#include <unordered_set>

#include "crypto/sealed_file.h"
#include "parquet/parquet.h"
#include "postings/builder.h"
#include "store/arena.h"
#include "store/repeats.h"
#include "store/sealed_pipe.h"
#include "store/segment.h"
#include "store/segment_files.h"
#include "store/terms.h"

namespace cairn::store {

namespace {

constexpr std::size_t kRowGroupBytes = 16U << 20;  // a row group of larger records has fewer rows
constexpr int kZstdLevel = 1;
constexpr std::uint64_t kRowsPerLook = 1024;  // at the clock
constexpr std::size_t kDuckMemoryShare = 2;   // of the job's memory: half

// What occurs, up to Segment::kListedMax.
class Listed {
 public:
  void add(std::string_view value) {
    if (values_.size() <= Segment::kListedMax) {
      values_.emplace(value);
    }
  }
  std::vector<std::string> take() const {
    return values_.size() > Segment::kListedMax ? std::vector<std::string>()
                                                : std::vector<std::string>(values_.begin(), values_.end());
  }

 private:
  std::set<std::string> values_;
};

// Positions in their order, as a number.
class Order {
 public:
  void add(std::uint64_t position) { sum_ = (sum_ ^ position) * kFactor + kFactor; }
  friend bool operator==(const Order&, const Order&) = default;

 private:
  static constexpr std::uint64_t kFactor = 0x9e3779b97f4a7c15ULL;
  std::uint64_t sum_ = 0;
};

// Passes rows on, without repeats, and takes down what the index and the document need.
class Recorded final : public RowStream {
 public:
  Recorded(RowStream& rows, JobDeadline deadline, Made& made)
      : rows_(rows), deadline_(deadline), made_(made) {}

  Result<const Row*> next() override {
    while (true) {
      CAIRN_TRY(const auto* const row, rows_.next());
      if (row == nullptr) {
        return nullptr;
      }
      if (made_.rows % kRowsPerLook == 0 && std::chrono::steady_clock::now() > deadline_) {
        return Error{Errc::limit, "write a segment: the job's deadline is over"};
      }
      if (enter(row->view)) {
        record(*row);
        return row;
      }
      ++repeats_;
    }
  }

  postings::Builder& index() { return index_; }
  const Order& order() const { return order_; }
  std::uint64_t repeats() const { return repeats_; }
  void finish() {
    made_.accounts = accounts_.take();
    made_.regions = regions_.take();
  }

 private:
  // False: an event of this id was there at this time of this scope. Rows of a time come together, so only
  // its ids are kept.
  bool enter(const event::View& view) {
    auto scope = scope_text(view.recipient_account, view.region, view.category);
    if (made_.rows == 0 || scope != scope_) {
      scope_ = std::move(scope);
      scope_term_ = scope_term(view);
      index_.scope(scope_);
      accounts_.add(view.recipient_account);
      regions_.add(view.region);
      forget_ids();
    } else if (view.time != time_) {
      forget_ids();
    }
    time_ = view.time;
    return !ids_.contains(view.event_id) && ids_.insert(id_texts_.add(view.event_id)).second;
  }

  void forget_ids() {
    ids_.clear();
    id_texts_.clear();
  }

  void record(const Row& row) {
    order_.add(row.position.raw());
    index_.row({.time_ms = row.view.time.time_since_epoch().count(), .position = row.position.raw()});
    for_each_term(scope_term_, row.view, [&](Term term) { index_.term(postings::Term{term}); });
    made_.first = made_.rows == 0 ? row.position : std::min(made_.first, row.position);
    made_.last = made_.rows == 0 ? row.position : std::max(made_.last, row.position);
    made_.min_time = made_.rows == 0 ? row.view.time : std::min(made_.min_time, row.view.time);
    made_.max_time = made_.rows == 0 ? row.view.time : std::max(made_.max_time, row.view.time);
    made_.json_bytes += row.json.size();
    ++made_.rows;
  }

  RowStream& rows_;
  const JobDeadline deadline_;
  Made& made_;
  postings::Builder index_;
  Order order_;
  std::string scope_;
  Term scope_term_ = 0;
  Time time_;
  Arena id_texts_;
  std::unordered_set<std::string_view> ids_;
  std::uint64_t repeats_ = 0;
  Listed accounts_;
  Listed regions_;
};

// Row groups of bounded size are only to be had where the order is not promised; with one thread it is kept
// all the same, and read back to be sure.
Result<std::uint64_t> write_parquet(const Job& job, Recorded& rows, const std::string& path) {
  CAIRN_TRY(const auto database,
            duck::Database::open({.threads = 1,
                                  .memory_bytes_max = job.memory_bytes_max / kDuckMemoryShare,
                                  .folders = {job.folder + "/"},
                                  .keep_order = false}));
  CAIRN_TRY(const auto connection, database->connect());
  CAIRN_TRY(const auto pipe, SealedPipe::open(path, *job.key));
  CAIRN_TRY_VOID(write_rows(
      *connection, rows, pipe->path(),
      fmt::format("FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL {}, ROW_GROUP_SIZE {}, "
                  "ROW_GROUP_SIZE_BYTES {}, USE_TMP_FILE false, KV_METADATA {{cairn_segment: '{}'}}",
                  kZstdLevel, kRowGroupRows, kRowGroupBytes, kSegmentFormat)));
  return pipe->finish();
}

// A full disk is nothing that a job of half the rows would mend: it is tried again later.
Result<void> write_postings(const std::string& path, std::string_view bytes) {
  auto written = postings::write_file(path, bytes);
  if (!written && written.error().code == Errc::limit) {
    written.error().code = Errc::unavailable;
  }
  return written;
}

// Where the texts are, if the file has the rows, and in their order.
Result<parquet::Column> read_back(const blob::LocalFile& file, const Order& expected) {
  CAIRN_TRY(const auto input, blob::open_file(file));
  CAIRN_TRY(auto written, parquet::RowCursor::open(*input, "eventJson", "_position"));
  Order order;
  while (true) {
    CAIRN_TRY(const auto more, written.next());
    if (!more) {
      break;
    }
    order.add(written.number());
  }
  if (order != expected) {
    return Error{Errc::corrupt, "write a segment: the file does not have the rows in their order", file.path};
  }
  return parquet::find_column(*input, "eventJson");
}

}  // namespace

bool segment_order(const Row& a, const Row& b) {
  const auto& x = a.view;
  const auto& y = b.view;
  if (const auto order = x.recipient_account <=> y.recipient_account; order != 0) {
    return order < 0;
  }
  if (const auto order = x.region <=> y.region; order != 0) {
    return order < 0;
  }
  if (x.category != y.category) {
    return event::to_string(x.category) < event::to_string(y.category);
  }
  return std::tie(x.time, a.position) < std::tie(y.time, b.position);
}

Result<Made> SegmentWriter::write(const std::string& group, RowStream& rows) {
  const auto stem = fmt::format("{}-{}", group, job_.id);
  Made made{.group = group, .parquet = stem + ".parquet", .postings = stem + ".postings"};
  const auto parquet_path = fmt::format("{}/{}", job_.folder, made.parquet);
  const auto postings_path = fmt::format("{}/{}", job_.folder, made.postings);
  Recorded recorded(rows, deadline_, made);
  CAIRN_TRY(made.parquet_bytes, write_parquet(job_, recorded, parquet_path));
  recorded.finish();
  repeats_ += recorded.repeats();
  CAIRN_TRY(const auto column, read_back({.path = parquet_path, .key = job_.key}, recorded.order()));
  if (column.rows() != made.rows) {
    return Error{Errc::corrupt,
                 fmt::format("write a segment: the file has {} rows, not {}", column.rows(), made.rows),
                 parquet_path};
  }
  recorded.index().section(kTextsTag, parquet::encode(column));
  const auto postings = std::move(recorded.index()).finish();
  made.postings_bytes = postings.size();
  CAIRN_TRY_VOID(write_postings(postings_path, crypto::seal_file(*job_.key, postings)));
  return made;
}

}  // namespace cairn::store
