#include "store/columns.h"

#include <duckdb.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/check.h"
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
  std::string_view type;
};

constexpr std::array<Definition, kColumns> kDefinitions{{{"_position", "UBIGINT"},
                                                         {"account", "VARCHAR"},
                                                         {"region", "VARCHAR"},
                                                         {"event_time", "TIMESTAMP"},
                                                         {"event_id", "VARCHAR"},
                                                         {"event_name", "VARCHAR"},
                                                         {"event_source", "VARCHAR"},
                                                         {"username", "VARCHAR"},
                                                         {"access_key_id", "VARCHAR"},
                                                         {"read_only", "BOOLEAN"},
                                                         {"error_code", "VARCHAR"},
                                                         {"event_type", "VARCHAR"},
                                                         {"category", "VARCHAR"},
                                                         {"invoked_by", "VARCHAR"},
                                                         {"resource_types", "VARCHAR[]"},
                                                         {"resource_names", "VARCHAR[]"},
                                                         {"eventJson", "VARCHAR"}}};

// One chunk of an appender being filled, row by row.
class Chunk {
 public:
  explicit Chunk(duckdb_appender appender) {
    std::array<duckdb_logical_type, kColumns> types{};
    for (idx_t i = 0; i < kColumns; ++i) {
      types[i] = duckdb_appender_column_type(appender, i);
    }
    chunk_ = duckdb_create_data_chunk(types.data(), kColumns);
    for (idx_t i = 0; i < kColumns; ++i) {
      vectors_[i] = duckdb_data_chunk_get_vector(chunk_, i);
      duckdb_vector_ensure_validity_writable(vectors_[i]);
      duckdb_destroy_logical_type(&types[i]);
    }
  }
  ~Chunk() { duckdb_destroy_data_chunk(&chunk_); }
  Chunk(const Chunk&) = delete;
  Chunk& operator=(const Chunk&) = delete;

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
    ++size_;
  }

  bool full() const { return size_ == duckdb_vector_size(); }
  bool empty() const { return size_ == 0; }

  // Hands what is there to the appender and begins anew.
  bool give(duckdb_appender appender) {
    duckdb_data_chunk_set_size(chunk_, size_);
    if (duckdb_append_data_chunk(appender, chunk_) == DuckDBError) {
      return false;
    }
    duckdb_data_chunk_reset(chunk_);
    size_ = 0;
    for (idx_t i = 0; i < kColumns; ++i) {
      vectors_[i] = duckdb_data_chunk_get_vector(chunk_, i);
      duckdb_vector_ensure_validity_writable(vectors_[i]);
    }
    return true;
  }

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
            std::string event::NamedResource::*member) {
    auto vector = vectors_[column];
    const auto offset = duckdb_list_vector_get_size(vector);
    data<duckdb_list_entry>(column)[size_] = {offset, resources.size()};
    duckdb_list_vector_reserve(vector, offset + resources.size());
    auto child = duckdb_list_vector_get_child(vector);
    for (idx_t i = 0; i < resources.size(); ++i) {
      const auto& value = resources[i].*member;
      duckdb_vector_assign_string_element_len(child, offset + i, value.data(), value.size());
    }
    duckdb_list_vector_set_size(vector, offset + resources.size());
  }

  duckdb_data_chunk chunk_ = nullptr;
  std::array<duckdb_vector, kColumns> vectors_{};
  idx_t size_ = 0;
};

class Appender {
 public:
  Appender(duck::Connection& connection, const std::string& table) {
    made_ = duckdb_appender_create(connection.handle(), nullptr, table.c_str(), &handle_) == DuckDBSuccess;
  }
  ~Appender() { duckdb_appender_destroy(&handle_); }
  Appender(const Appender&) = delete;
  Appender& operator=(const Appender&) = delete;

  bool made() const { return made_; }
  duckdb_appender handle() { return handle_; }
  Error error() {
    const char* message = handle_ == nullptr ? nullptr : duckdb_appender_error(handle_);
    return {Errc::limit, fmt::format("append to the head: {}", message == nullptr ? "refused" : message)};
  }

 private:
  duckdb_appender handle_ = nullptr;
  bool made_ = false;
};

std::string join(auto&& part) {
  std::string joined;
  for (const auto& column : kDefinitions) {
    joined += (joined.empty() ? "" : ", ") + part(column);
  }
  return joined;
}

event::Category category_of(std::string_view text) {
  using event::Category;
  for (const auto category : {Category::data, Category::insight, Category::network_activity}) {
    if (event::to_string(category) == text) {
      return category;
    }
  }
  return Category::management;
}

}  // namespace

const std::string& column_definitions() {
  static const auto text = join([](const Definition& c) { return fmt::format("{} {}", c.name, c.type); });
  return text;
}

const std::string& column_names() {
  static const auto text = join([](const Definition& c) { return std::string(c.name); });
  return text;
}

Result<void> append_rows(duck::Connection& connection, const std::string& table,
                         std::span<const Row* const> rows) {
  Appender appender(connection, table);
  if (!appender.made()) {
    return appender.error();
  }
  Chunk chunk(appender.handle());
  for (const auto* row : rows) {
    chunk.add(*row);
    if (chunk.full() && !chunk.give(appender.handle())) {
      return appender.error();
    }
  }
  if (!chunk.empty() && !chunk.give(appender.handle())) {
    return appender.error();
  }
  if (duckdb_appender_close(appender.handle()) == DuckDBError) {
    return appender.error();
  }
  return {};
}

Found read_found(const duck::Rows& rows) {
  Found found{.position = journal::Position{rows.number(kPosition)},
              .view = {},
              .json = std::string(rows.text(kEventJson))};
  auto& view = found.view;
  view.event_id = rows.text(kEventId);
  view.time = rows.time(kEventTime);
  view.source = rows.text(kEventSource);
  view.name = rows.text(kEventName);
  view.region = rows.text(kRegion);
  view.recipient_account = rows.text(kAccount);
  view.access_key_id = rows.text(kAccessKeyId);
  view.username = rows.text(kUsername);
  view.invoked_by = rows.text(kInvokedBy);
  view.error_code = rows.text(kErrorCode);
  view.type = rows.text(kEventType);
  view.category = category_of(rows.text(kCategory));
  view.read_only = rows.boolean(kReadOnly);
  auto types = rows.texts(kResourceTypes);
  auto names = rows.texts(kResourceNames);
  for (std::size_t i = 0; i < std::min(types.size(), names.size()); ++i) {
    view.resources.push_back({.type = std::move(types[i]), .name = std::move(names[i])});
  }
  return found;
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
