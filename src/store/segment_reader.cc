#include "store/segment_reader.h"

namespace cairn::store {

namespace {
Statement from_files(const std::vector<std::string>& files) {
  return {"read_parquet(?)", {files}};
}
}  // namespace

Result<std::vector<Key>> ParquetReader::find(duck::Connection& connection,
                                             const std::vector<std::string>& files,
                                             const Criteria& criteria) const {
  return find_rows(connection, from_files(files), criteria);
}

Result<std::vector<Found>> ParquetReader::fetch(duck::Connection& connection,
                                                const std::vector<std::string>& files,
                                                const Criteria& criteria, std::span<const Key> keys) const {
  return fetch_rows(connection, from_files(files), criteria, keys);
}

}  // namespace cairn::store
