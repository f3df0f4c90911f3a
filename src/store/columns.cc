#include "store/columns.h"

#include <duckdb.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "codec/utf8.h"

namespace cairn::store {

namespace {

enum Column : std::size_t {
  kPosition,
  kAccount,
  kRegion,
  kEventTime,
  kEventId,
  kEventName,
  kEventSource,
  kUsername,
  kAccessKeyId,
  kReadOnly,
  kErrorCode,
  kEventType,
  kCategory,
  kInvokedBy,
  kResourceTypes,
  kResourceNames,
  kEventJson,
  kColumns
};

struct Definition {
  std::string_view name;
  duckdb_type element;
  bool list = false;
};

constexpr std::array<Definition, kColumns> kDefinitions{{{"_position", DUCKDB_TYPE_UBIGINT},
                                                         {"account", DUCKDB_TYPE_VARCHAR},
                                                         {"region", DUCKDB_TYPE_VARCHAR},
                                                         {"event_time", DUCKDB_TYPE_TIMESTAMP},
                                                         {"event_id", DUCKDB_TYPE_VARCHAR},
                                                         {"event_name", DUCKDB_TYPE_VARCHAR},
                                                         {"event_source", DUCKDB_TYPE_VARCHAR},
                                                         {"username", DUCKDB_TYPE_VARCHAR},
                                                         {"access_key_id", DUCKDB_TYPE_VARCHAR},
                                                         {"read_only", DUCKDB_TYPE_BOOLEAN},
                                                         {"error_code", DUCKDB_TYPE_VARCHAR},
                                                         {"event_type", DUCKDB_TYPE_VARCHAR},
                                                         {"category", DUCKDB_TYPE_VARCHAR},
                                                         {"invoked_by", DUCKDB_TYPE_VARCHAR},
                                                         {"resource_types", DUCKDB_TYPE_VARCHAR, true},
                                                         {"resource_names", DUCKDB_TYPE_VARCHAR, true},
                                                         {"eventJson", DUCKDB_TYPE_VARCHAR}}};

constexpr std::size_t kChunkTextBytes = 4U << 20;  // a chunk ends with the row that reaches it
constexpr std::string_view kRowsFunction = "cairn_rows";

// One chunk of a table function's rows being filled, row by row.
class Chunk {
 public:
  explicit Chunk(duckdb_data_chunk chunk) : chunk_(chunk) {
    for (idx_t i = 0; i < kColumns; ++i) {
      vectors_[i] = duckdb_data_chunk_get_vector(chunk_, i);
      duckdb_vector_ensure_validity_writable(vectors_[i]);
    }
  }

  void add(const Row& row) {
    const auto& view = row.view;
    data<std::uint64_t>(kPosition)[size_] = row.position.raw();
    data<std::int64_t>(kEventTime)[size_] = duck::micros(view.time);
    data<bool>(kReadOnly)[size_] = view.read_only;
    text(kAccount, view.recipient_account);
    text(kRegion, view.region);
    text(kEventId, view.event_id);
    text(kEventName, view.name);
    text(kEventSource, view.source);
    text(kUsername, view.username);
    text(kAccessKeyId, view.access_key_id);
    text(kErrorCode, view.error_code);
    text(kEventType, view.type);
    text(kCategory, event::to_string(view.category));
    text(kInvokedBy, view.invoked_by);
    text(kEventJson, row.json);
    list(kResourceTypes, view.resources, &event::NamedResource::type);
    list(kResourceNames, view.resources, &event::NamedResource::name);
    text_bytes_ += row.json.size();
    ++size_;
  }

  bool full() const { return size_ == std::min<idx_t>(kRowGroupRows, duckdb_vector_size()) || text_bytes_ >= kChunkTextBytes; }
  void finish() { duckdb_data_chunk_set_size(chunk_, size_); }

 private:
  template <class T>
  T* data(Column column) {
    return static_cast<T*>(duckdb_vector_get_data(vectors_[column]));
  }

  // What is empty is absent: NULL.
  void text(Column column, std::string_view value) {
    if (value.empty()) {
      duckdb_validity_set_row_invalid(duckdb_vector_get_validity(vectors_[column]), size_);
      return;
    }
    duckdb_vector_assign_string_element_len(vectors_[column], size_, value.data(), value.size());
  }

  void list(Column column, const std::vector<event::NamedResource>& resources,
            event::Text event::NamedResource::*member) {
    auto vector = vectors_[column];
    const auto offset = duckdb_list_vector_get_size(vector);
    data<duckdb_list_entry>(column)[size_] = {offset, resources.size()};
    duckdb_list_vector_reserve(vector, offset + resources.size());
    auto child = duckdb_list_vector_get_child(vector);
    for (idx_t i = 0; i < resources.size(); ++i) {
      const std::string_view value = resources[i].*member;
      duckdb_vector_assign_string_element_len(child, offset + i, value.data(), value.size());
    }
    duckdb_list_vector_set_size(vector, offset + resources.size());
  }

  duckdb_data_chunk chunk_;
  std::array<duckdb_vector, kColumns> vectors_{};
  idx_t size_ = 0;
  std::size_t text_bytes_ = 0;
};

// What the table function's callbacks share.
struct Feed {
  RowStream& rows;
  std::optional<Error> failed;
};

void name_columns(duckdb_bind_info info) {
  for (const auto& column : kDefinitions) {
    auto element = duckdb_create_logical_type(column.element);
    auto type = column.list ? duckdb_create_list_type(element) : element;
    duckdb_bind_add_result_column(info, std::string(column.name).c_str(), type);
    if (column.list) {
      duckdb_destroy_logical_type(&type);
    }
    duckdb_destroy_logical_type(&element);
  }
}

void one_thread(duckdb_init_info info) {
  duckdb_init_set_max_threads(info, 1);  // the stream's order is the file's
}

Result<void> fill(RowStream& rows, duckdb_data_chunk output) {
  Chunk chunk(output);
  while (!chunk.full()) {
    CAIRN_TRY(const auto* const row, rows.next());
    if (row == nullptr) {
      break;
    }
    chunk.add(*row);
  }
  chunk.finish();
  return {};
}

void give_rows(duckdb_function_info info, duckdb_data_chunk output) {
  auto& feed = *static_cast<Feed*>(duckdb_function_get_extra_info(info));
  if (const auto filled = fill(feed.rows, output); !filled) {
    feed.failed = filled.error();
    duckdb_function_set_error(info, "the rows cannot be read");
  }
}

Result<void> register_rows(duck::Connection& connection, Feed& feed) {
  auto function = duckdb_create_table_function();
  duckdb_table_function_set_name(function, std::string(kRowsFunction).c_str());
  duckdb_table_function_set_extra_info(function, &feed, nullptr);
  duckdb_table_function_set_bind(function, name_columns);
  duckdb_table_function_set_init(function, one_thread);
  duckdb_table_function_set_function(function, give_rows);
  const auto state = duckdb_register_table_function(connection.handle(), function);
  duckdb_destroy_table_function(&function);
  if (state == DuckDBError) {
    return Error{Errc::invalid, "make the rows known to DuckDB"};
  }
  return {};
}

}  // namespace

Result<void> write_rows(duck::Connection& connection, RowStream& rows, const std::string& file,
                        std::string_view options) {
  Feed feed{.rows = rows, .failed = std::nullopt};
  CAIRN_TRY_VOID(register_rows(connection, feed));
  auto written = connection.run(
      fmt::format("COPY (SELECT * FROM {}()) TO {} ({})", kRowsFunction, duck::literal(file), options));
  if (feed.failed) {
    return *std::move(feed.failed);
  }
  return written;
}

bool storable(const Row& row) {
  const auto& v = row.view;
  const auto valid = [](std::string_view text) { return codec::valid_utf8(text); };
  return valid(row.json) && valid(v.recipient_account) && valid(v.region) && valid(v.event_id) &&
         valid(v.name) && valid(v.source) && valid(v.username) && valid(v.access_key_id) &&
         valid(v.error_code) && valid(v.type) && valid(v.invoked_by) &&
         std::ranges::all_of(v.resources, [&](const auto& r) { return valid(r.type) && valid(r.name); });
}

}  // namespace cairn::store
