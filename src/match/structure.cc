#include "match/structure.h"

#include <simdjson.h>

#include <algorithm>

#include "match/limits.h"

namespace cairn::match {
namespace {

constexpr std::size_t kFirstCapacity = 16U << 10;

}  // namespace

// simdjson's first stage alone, which every parser of it begins with.
struct Structure::Finder {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> stages;
  std::size_t capacity = 0;
};

Structure::Structure() : finder_(std::make_unique<Finder>()) {}
Structure::~Structure() = default;

Result<std::span<const std::uint32_t>> Structure::find(std::string_view text) {
  if (text.size() > Limits::record_bytes_max) {
    return Error{Errc::limit, "record is larger than " + std::to_string(Limits::record_bytes_max) + " bytes"};
  }
  if (text.size() > finder_->capacity) {
    const auto capacity = std::max({text.size(), finder_->capacity * 2, kFirstCapacity});
    const auto made = simdjson::get_active_implementation()->create_dom_parser_implementation(
        capacity, Limits::record_depth_max, finder_->stages);
    CAIRN_CHECK(made == simdjson::SUCCESS);  // it fails for want of memory alone
    finder_->capacity = capacity;
  }
  const auto error = text.empty()
                         ? simdjson::EMPTY
                         : finder_->stages->stage1(reinterpret_cast<const std::uint8_t*>(text.data()),
                                                   text.size(), simdjson::stage1_mode::regular);
  if (error != simdjson::SUCCESS) {
    return Error{Errc::invalid, std::string("match record: ") + simdjson::error_message(error)};
  }
  return std::span<const std::uint32_t>(finder_->stages->structural_indexes.get(),
                                        finder_->stages->n_structural_indexes);
}

}  // namespace cairn::match
