// A seal writes one file a group (a day, or a month of late rows). DuckDB sorts and writes it to the scratch
// folder; it is read back and counted before it is put, so that a commit never names a file that cannot be
// read or lacks a row.
//
// Tested by store_test.cc and store_crash_test.cc.
#include "store/sealer.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "base/log.h"

namespace cairn::store {

namespace {

constexpr std::size_t kRowGroupRows = 2048;
constexpr std::size_t kPutBytes = 1U << 20;

// Removes the file when it goes out of scope.
class ScratchFile {
 public:
  explicit ScratchFile(std::string path) : path_(std::move(path)) {}
  ~ScratchFile() {
    std::error_code ignored;  // open() empties the folder
    std::filesystem::remove(path_, ignored);
  }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

std::string time_literal(Time time) {
  return fmt::format("make_timestamp({})", duck::micros(std::min(time, kTimeMax + Millis{1})));
}

Result<std::vector<std::string>> distinct(duck::Connection& connection, const std::string& file,
                                          std::string_view column) {
  const auto sql = fmt::format("SELECT DISTINCT {0} FROM read_parquet({1}) ORDER BY {0} LIMIT {2}", column,
                               duck::literal(file), Segment::kListedMax + 1);
  CAIRN_TRY(auto rows, connection.query(sql));
  std::vector<std::string> values;
  while (rows.next()) {
    values.emplace_back(rows.text(0));
  }
  if (values.size() > Segment::kListedMax) {
    values.clear();
  }
  return values;
}

}  // namespace

std::string segment_prefix(const std::string& store) {
  return fmt::format("store/{}/segment/", store);
}
std::string blob_prefix(const std::string& store) {
  return fmt::format("store/{}/", store);
}
std::string cursor_key(const std::string& store) {
  return fmt::format("store/{}/cursor", store);
}

Result<Sealed> Sealer::write(Head& head, const Segments& segments, const std::string& id, Time now) {
  CAIRN_TRY(const auto all, groups(head, now));
  Sealed sealed;
  for (const auto& group : all) {
    const auto absorbed = absorbed_by(group, segments, options_);
    auto segment = write_group(head, group, absorbed, id, now);
    if (!segment) {
      for (const auto& made : sealed.made) {
        remove(*made);
      }
      return std::move(segment).error();
    }
    sealed.made.push_back(std::make_shared<const Segment>(*std::move(segment)));
    sealed.absorbed.insert(sealed.absorbed.end(), absorbed.begin(), absorbed.end());
  }
  return sealed;
}

Result<std::vector<Group>> Sealer::groups(Head& head, Time now) const {
  CAIRN_TRY(auto rows,
            head.connection().query(fmt::format(
                "SELECT event_time::DATE AS day, count(*), sum(strlen(eventJson))::UBIGINT FROM {} "
                "GROUP BY day ORDER BY day",
                head.table())));
  std::vector<DayCount> days;
  while (rows.next()) {
    days.push_back({.day = rows.day(0), .rows = rows.number(1), .json_bytes = rows.number(2)});
  }
  return group_days(days, now);
}

Result<Segment> Sealer::write_group(Head& head, const Group& group, const Segments& absorbed,
                                    const std::string& id, Time now) {
  auto& connection = head.connection();
  const auto name = fmt::format("{}-{}", group.name, id);
  const ScratchFile file(fmt::format("{}/{}.parquet", scratch_, name));
  CAIRN_TRY(const auto rows, source(head, group, absorbed));
  CAIRN_TRY_VOID(
      connection.run(fmt::format("COPY ({} ORDER BY account, region, event_time, _position) TO {} (FORMAT "
                                 "parquet, COMPRESSION zstd, ROW_GROUP_SIZE {}, "
                                 "KV_METADATA {{cairn_segment: '{}'}})",
                                 rows, duck::literal(file.path()), kRowGroupRows, kSegmentFormat)));

  Segment segment{.key = segment_prefix(options_.name) + name,
                  .blob = fmt::format("{}{}.parquet", blob_prefix(options_.name), name),
                  .group = group.name,
                  .sealed = now};
  CAIRN_TRY_VOID(measure(connection, file.path(), segment));
  auto expected = group.rows;
  for (const auto& taken : absorbed) {
    expected += taken->rows;
  }
  if (segment.rows != expected) {
    return Error{Errc::corrupt, fmt::format("seal: the file has {} rows, not {}", segment.rows, expected),
                 segment.blob};
  }
  CAIRN_TRY_VOID(put(file.path(), segment.blob));
  return segment;
}

Result<std::string> Sealer::source(const Head& head, const Group& group, const Segments& absorbed) {
  auto sql = fmt::format("SELECT {} FROM {} WHERE event_time >= {} AND event_time < {}", column_names(),
                         head.table(), time_literal(group.from), time_literal(group.to));
  for (const auto& segment : absorbed) {
    CAIRN_TRY(const auto path, async::run(executor_, blob_.local_path(segment->blob)));
    sql += fmt::format(" UNION ALL SELECT {} FROM read_parquet({})", column_names(),
                       duck::literal(duck::absolute_path(path)));
  }
  return fmt::format("SELECT * FROM ({})", sql);
}

Result<void> Sealer::measure(duck::Connection& connection, const std::string& file, Segment& segment) const {
  CAIRN_TRY(auto rows,
            connection.query(fmt::format(
                "SELECT count(*), min(_position), max(_position), min(event_time), max(event_time), "
                "sum(strlen(eventJson))::UBIGINT FROM read_parquet({})",
                duck::literal(file))));
  if (!rows.next()) {
    return Error{Errc::corrupt, "seal: the file cannot be counted", segment.blob};
  }
  segment.rows = rows.number(0);
  segment.first = journal::Position{rows.number(1)};
  segment.last = journal::Position{rows.number(2)};
  segment.min_time = rows.time(3);
  segment.max_time = rows.time(4);
  segment.json_bytes = rows.number(5);
  std::error_code code;
  segment.bytes = std::filesystem::file_size(file, code);
  if (code) {
    return system_error(code.value(), "seal: size of the file", file);
  }
  CAIRN_TRY(segment.accounts, distinct(connection, file, "account"));
  CAIRN_TRY(segment.regions, distinct(connection, file, "region"));
  return {};
}

Result<void> Sealer::put(const std::string& file, const std::string& name) {
  std::ifstream stream(file, std::ios::binary);
  CAIRN_TRY(auto writer, async::run(executor_, blob_.writer(name)));
  std::vector<char> buffer(kPutBytes);
  while (stream.read(buffer.data(), static_cast<std::streamsize>(buffer.size())), stream.gcount() > 0) {
    const auto bytes = std::as_bytes(std::span(buffer.data(), static_cast<std::size_t>(stream.gcount())));
    CAIRN_TRY_VOID(async::run(executor_, writer->write(bytes)));
  }
  if (!stream.eof()) {
    return Error{Errc::unavailable, "seal: read the file back", file};
  }
  return async::run(executor_, writer->commit());
}

bool Sealer::remove(const Segment& segment) {
  const auto removed = async::run(executor_, blob_.remove(segment.blob));
  if (!removed) {
    log::warn("segment's blob was not removed", {{"blob", segment.blob}, {"reason", removed.error().text()}});
  }
  return removed.has_value();
}

}  // namespace cairn::store
