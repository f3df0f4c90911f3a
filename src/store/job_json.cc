// Jobs and results as JSON. Times are milliseconds since 1970.
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>
#include <stdexcept>

#include "codec/base64.h"
#include "crypto/sealed_file.h"
#include "json/json.h"
#include "store/job.h"

namespace cairn::store {

namespace {

using boost::json::object;

constexpr int kJobFormat = 1;

std::int64_t millis_of(Time time) {
  return time.time_since_epoch().count();
}
std::uint64_t number_of(const object& from, std::string_view name) {
  return from.at(name).to_number<std::uint64_t>();
}
Time time_of(const object& from, std::string_view name) {
  return Time(Millis(from.at(name).to_number<std::int64_t>()));
}
journal::Position position_of(const object& from, std::string_view name) {
  return journal::Position{number_of(from, name)};
}
std::string text_in(const object& from, std::string_view name) {
  return boost::json::value_to<std::string>(from.at(name));
}
std::vector<std::string> texts_in(const object& from, std::string_view name) {
  return boost::json::value_to<std::vector<std::string>>(from.at(name));
}

std::string key_text(const crypto::Secret& key) {
  return codec::hex_encode(key.bytes());
}
std::shared_ptr<const crypto::Secret> key_in(const object& from, std::string_view name) {
  const auto bytes = codec::hex_decode(text_in(from, name));
  if (!bytes || bytes->size() != crypto::SealedFile::kKeyBytes) {
    throw std::invalid_argument("no key");
  }
  return std::make_shared<const crypto::Secret>(ByteView(*bytes));
}

object written(const SealJob& seal) {
  return {{"partition", seal.partition.raw()},
          {"from", seal.from.raw()},
          {"to", seal.to.raw()},
          {"now", millis_of(seal.now)},
          {"oldest", millis_of(seal.oldest)}};
}

object written(const MergeJob& merge) {
  boost::json::array sources;
  for (const auto& source : merge.sources) {
    object one{{"path", source.file.path}, {"rows", source.rows}};
    if (source.file.key != nullptr) {
      one["key"] = key_text(*source.file.key);
    }
    sources.push_back(std::move(one));
  }
  return {{"group", merge.group}, {"sources", std::move(sources)}};
}

SealJob read_seal(const object& from) {
  return {.partition = journal::Partition{static_cast<std::uint32_t>(number_of(from, "partition"))},
          .from = position_of(from, "from"),
          .to = position_of(from, "to"),
          .now = time_of(from, "now"),
          .oldest = time_of(from, "oldest")};
}

MergeJob read_merge(const object& from) {
  MergeJob merge{.group = text_in(from, "group"), .sources = {}};
  for (const auto& source : from.at("sources").as_array()) {
    const auto& one = source.as_object();
    merge.sources.push_back(
        {.file = {.path = text_in(one, "path"), .key = one.contains("key") ? key_in(one, "key") : nullptr},
         .rows = number_of(one, "rows")});
  }
  if (merge.sources.empty()) {
    throw std::invalid_argument("no sources");
  }
  return merge;
}

object written(const Made& made) {
  return {{"group", made.group},
          {"parquet", made.parquet},
          {"postings", made.postings},
          {"first", made.first.raw()},
          {"last", made.last.raw()},
          {"minTime", millis_of(made.min_time)},
          {"maxTime", millis_of(made.max_time)},
          {"rows", made.rows},
          {"parquetBytes", made.parquet_bytes},
          {"postingsBytes", made.postings_bytes},
          {"jsonBytes", made.json_bytes},
          {"accounts", boost::json::value_from(made.accounts)},
          {"regions", boost::json::value_from(made.regions)}};
}

Made read_made(const object& from) {
  return {.group = text_in(from, "group"),
          .parquet = text_in(from, "parquet"),
          .postings = text_in(from, "postings"),
          .first = position_of(from, "first"),
          .last = position_of(from, "last"),
          .min_time = time_of(from, "minTime"),
          .max_time = time_of(from, "maxTime"),
          .rows = number_of(from, "rows"),
          .parquet_bytes = number_of(from, "parquetBytes"),
          .postings_bytes = number_of(from, "postingsBytes"),
          .json_bytes = number_of(from, "jsonBytes"),
          .accounts = texts_in(from, "accounts"),
          .regions = texts_in(from, "regions")};
}

// `read` throws what Boost.JSON throws: a member is missing or of another type.
template <class T>
Result<T> parse_with(std::string_view text, T (*read)(const object&)) {
  CAIRN_TRY(const auto document, json::parse_object(text));
  try {
    if (number_of(document, "format") > kJobFormat) {
      return Error{Errc::invalid, "read a job: it was written by a newer version"};
    }
    return read(document);
  } catch (const std::exception&) {
    return Error{Errc::invalid, "read a job: a member is missing or wrong"};
  }
}

Job read_job(const object& from) {
  Job job{.id = text_in(from, "id"),
          .folder = text_in(from, "folder"),
          .memory_bytes_max = number_of(from, "memoryBytesMax"),
          .deadline = Millis(from.at("deadline").to_number<std::int64_t>()),
          .key = key_in(from, "key"),
          .work = {}};
  if (const auto* const seal = from.if_contains("seal")) {
    job.work = read_seal(seal->as_object());
  } else {
    job.work = read_merge(from.at("merge").as_object());
  }
  return job;
}

JobResult read_result(const object& from) {
  JobResult result{.made = {}, .repeats = number_of(from, "repeats")};
  for (const auto& made : from.at("made").as_array()) {
    result.made.push_back(read_made(made.as_object()));
  }
  return result;
}

}  // namespace

std::string to_json(const Job& job) {
  object document{{"format", kJobFormat},
                  {"id", job.id},
                  {"folder", job.folder},
                  {"memoryBytesMax", job.memory_bytes_max},
                  {"deadline", job.deadline.count()},
                  {"key", key_text(*job.key)}};
  const auto* const name = std::holds_alternative<SealJob>(job.work) ? "seal" : "merge";
  document[name] = std::visit([](const auto& work) { return written(work); }, job.work);
  return boost::json::serialize(document);
}

std::string to_json(const JobResult& result) {
  boost::json::array made;
  for (const auto& one : result.made) {
    made.push_back(written(one));
  }
  return boost::json::serialize(
      object{{"format", kJobFormat}, {"repeats", result.repeats}, {"made", std::move(made)}});
}

Result<Job> parse_job(std::string_view text) {
  return parse_with<Job>(text, read_job);
}

Result<JobResult> parse_job_result(std::string_view text) {
  return parse_with<JobResult>(text, read_result);
}

}  // namespace cairn::store
