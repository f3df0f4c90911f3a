#include "store/duck.h"

#include <duckdb.h>
#include <fmt/format.h>

#include <filesystem>

#include "base/check.h"

namespace cairn::store::duck {

namespace {

Errc code_of(duckdb_error_type type) {
  switch (type) {
    case DUCKDB_ERROR_OUT_OF_MEMORY:
      return Errc::limit;
    case DUCKDB_ERROR_INTERRUPT:
      return Errc::cancelled;
    case DUCKDB_ERROR_IO:
      return Errc::unavailable;
    default:
      return Errc::corrupt;
  }
}

class Statement {
 public:
  ~Statement() { duckdb_destroy_prepare(&handle_); }
  Statement() = default;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Result<void> prepare(duckdb_connection connection, const std::string& sql) {
    if (duckdb_prepare(connection, sql.c_str(), &handle_) == DuckDBError) {
      return Error{Errc::corrupt, fmt::format("prepare a query: {}", duckdb_prepare_error(handle_))};
    }
    return {};
  }

  Result<void> bind(std::size_t index, const Value& value) {
    const auto state = std::visit([&](const auto& v) { return bind_one(index, v); }, value);
    if (state == DuckDBError) {
      return Error{Errc::invalid, fmt::format("bind parameter {} of a query", index)};
    }
    return {};
  }

  duckdb_prepared_statement handle() { return handle_; }

 private:
  duckdb_state bind_one(std::size_t index, bool value) { return duckdb_bind_boolean(handle_, index, value); }
  duckdb_state bind_one(std::size_t index, std::uint64_t value) {
    return duckdb_bind_uint64(handle_, index, value);
  }
  duckdb_state bind_one(std::size_t index, const std::string& value) {
    return duckdb_bind_varchar_length(handle_, index, value.data(), value.size());
  }
  // As TIMESTAMP_MS: a TIMESTAMP would make DuckDB cast the column, and the file's statistics could not be
  // used.
  duckdb_state bind_one(std::size_t index, Time value) {
    auto bound = duckdb_create_timestamp({micros(value)});
    return bind_and_destroy(index, bound);
  }
  duckdb_state bind_one(std::size_t index, const std::vector<std::string>& values) {
    std::vector<duckdb_value> elements;
    for (const auto& value : values) {
      elements.push_back(duckdb_create_varchar_length(value.data(), value.size()));
    }
    auto type = duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
    auto list = duckdb_create_list_value(type, elements.data(), elements.size());
    duckdb_destroy_logical_type(&type);
    for (auto& element : elements) {
      duckdb_destroy_value(&element);
    }
    return bind_and_destroy(index, list);
  }
  duckdb_state bind_and_destroy(std::size_t index, duckdb_value value) {
    const auto state = duckdb_bind_value(handle_, index, value);
    duckdb_destroy_value(&value);
    return state;
  }

  duckdb_prepared_statement handle_ = nullptr;
};

Error result_error(duckdb_result& result) {
  auto error = Error{code_of(duckdb_result_error_type(&result)),
                     fmt::format("query: {}", duckdb_result_error(&result))};
  duckdb_destroy_result(&result);
  return error;
}

Result<void> configure(Connection& connection, const Settings& settings) {
  std::string folders;
  for (const auto& folder : settings.folders) {
    folders += (folders.empty() ? "" : ", ") + literal(folder);
  }
  // The folders must be named before external access goes off, and nothing can be changed after the last
  // line.
  for (const auto& sql : {
           std::string("SET autoinstall_known_extensions = false"),
           std::string("SET autoload_known_extensions = false"),
           std::string("SET allow_community_extensions = false"),
           std::string("SET enable_external_file_cache = false"),
           fmt::format("SET preserve_insertion_order = {}", settings.keep_order),
           std::string("SET temp_directory = ''"),
           std::string("SET max_temp_directory_size = '0B'"),
           fmt::format("SET allowed_directories = [{}]", folders),
           std::string("SET enable_external_access = false"),
           std::string("SET lock_configuration = true"),
       }) {
    CAIRN_TRY_VOID(connection.run(sql));
  }
  return {};
}

}  // namespace

struct Rows::Impl {
  duckdb_result result{};
  duckdb_data_chunk chunk = nullptr;
  std::vector<duckdb_vector> vectors;
  idx_t row = 0;
  idx_t size = 0;

  ~Impl() {
    duckdb_destroy_data_chunk(&chunk);
    duckdb_destroy_result(&result);
  }

  bool fetch() {
    duckdb_destroy_data_chunk(&chunk);
    chunk = duckdb_fetch_chunk(result);
    if (chunk == nullptr) {
      return false;
    }
    row = 0;
    size = duckdb_data_chunk_get_size(chunk);
    vectors.clear();
    for (idx_t i = 0; i < duckdb_data_chunk_get_column_count(chunk); ++i) {
      vectors.push_back(duckdb_data_chunk_get_vector(chunk, i));
    }
    return size > 0 || fetch();
  }

  bool is_null(std::size_t column) const {
    auto* validity = duckdb_vector_get_validity(vectors.at(column));
    return validity != nullptr && !duckdb_validity_row_is_valid(validity, row);
  }

  template <class T>
  const T& at(std::size_t column) const {
    return static_cast<const T*>(duckdb_vector_get_data(vectors.at(column)))[row];
  }
};

Rows::Rows(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Rows::Rows(Rows&&) noexcept = default;
Rows::~Rows() = default;

bool Rows::next() {
  if (impl_->chunk != nullptr && ++impl_->row < impl_->size) {
    return true;
  }
  return impl_->fetch();
}

bool Rows::boolean(std::size_t column) const {
  return !impl_->is_null(column) && impl_->at<bool>(column);
}

std::uint64_t Rows::number(std::size_t column) const {
  return impl_->is_null(column) ? 0 : impl_->at<std::uint64_t>(column);
}

Time Rows::time(std::size_t column) const {
  return std::chrono::floor<Millis>(std::chrono::sys_time<std::chrono::microseconds>(
      std::chrono::microseconds(impl_->at<duckdb_timestamp>(column).micros)));
}

std::chrono::sys_days Rows::day(std::size_t column) const {
  return std::chrono::sys_days(std::chrono::days(impl_->at<duckdb_date>(column).days));
}

namespace {
std::string_view text_of(const duckdb_string_t& value) {
  auto* data = duckdb_string_t_data(const_cast<duckdb_string_t*>(&value));
  return {data, duckdb_string_t_length(value)};
}
}  // namespace

std::string_view Rows::text(std::size_t column) const {
  return impl_->is_null(column) ? std::string_view() : text_of(impl_->at<duckdb_string_t>(column));
}

std::vector<std::string> Rows::texts(std::size_t column) const {
  std::vector<std::string> texts;
  if (impl_->is_null(column)) {
    return texts;
  }
  const auto entry = impl_->at<duckdb_list_entry>(column);
  auto child = duckdb_list_vector_get_child(impl_->vectors[column]);
  auto* validity = duckdb_vector_get_validity(child);
  const auto* data = static_cast<const duckdb_string_t*>(duckdb_vector_get_data(child));
  for (idx_t i = entry.offset; i < entry.offset + entry.length; ++i) {
    const bool null = validity != nullptr && !duckdb_validity_row_is_valid(validity, i);
    texts.emplace_back(null ? std::string_view() : text_of(data[i]));
  }
  return texts;
}

Connection::~Connection() {
  duckdb_disconnect(&handle_);
}

Result<void> Connection::run(const std::string& sql) {
  duckdb_result result;
  if (duckdb_query(handle_, sql.c_str(), &result) == DuckDBError) {
    return result_error(result);
  }
  duckdb_destroy_result(&result);
  return {};
}

Result<Rows> Connection::query(const std::string& sql, std::span<const Value> parameters) {
  Statement statement;
  CAIRN_TRY_VOID(statement.prepare(handle_, sql));
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    CAIRN_TRY_VOID(statement.bind(i + 1, parameters[i]));
  }
  auto impl = std::make_unique<Rows::Impl>();
  if (duckdb_execute_prepared(statement.handle(), &impl->result) == DuckDBError) {
    auto error = result_error(impl->result);
    impl->result = {};
    return error;
  }
  return Rows(std::move(impl));
}

Result<std::shared_ptr<Database>> Database::open(const Settings& settings) {
  if (const std::string_view version = duckdb_library_version(); version != kVersion) {
    return Error{Errc::invalid, fmt::format("libduckdb is {}, not {}", version, kVersion)};
  }
  duckdb_config config = nullptr;
  CAIRN_CHECK(duckdb_create_config(&config) == DuckDBSuccess);
  duckdb_set_config(config, "threads", std::to_string(settings.threads).c_str());
  duckdb_set_config(config, "memory_limit", fmt::format("{}B", settings.memory_bytes_max).c_str());
  duckdb_database handle = nullptr;
  char* message = nullptr;
  const auto state = duckdb_open_ext(nullptr, &handle, config, &message);
  duckdb_destroy_config(&config);
  if (state == DuckDBError) {
    auto error = Error{Errc::invalid, fmt::format("open DuckDB: {}", message != nullptr ? message : "")};
    duckdb_free(message);
    return error;
  }
  auto database = std::make_shared<Database>(handle);
  CAIRN_TRY(auto connection, database->connect());
  CAIRN_TRY_VOID(configure(*connection, settings));
  return database;
}

Database::~Database() {
  duckdb_close(&handle_);
}

Result<std::unique_ptr<Connection>> Database::connect() {
  duckdb_connection connection = nullptr;
  if (duckdb_connect(handle_, &connection) == DuckDBError) {
    return Error{Errc::limit, "connect to DuckDB"};
  }
  return std::make_unique<Connection>(connection);
}

std::string literal(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    quoted += c;
    if (c == '\'') {
      quoted += c;
    }
  }
  return quoted += '\'';
}

std::int64_t micros(Time time) {
  return std::chrono::microseconds(time.time_since_epoch()).count();
}

std::string absolute_path(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

}  // namespace cairn::store::duck
