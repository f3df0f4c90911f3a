#include "delivery/closing.h"

#include "json/json.h"

namespace cairn::delivery {

std::string to_document(const State& state) {
  return json::serialize(
      json::object{{"cursor", state.cursor.raw()}, {"plans", state.plans}, {"commit", state.commit}});
}

Result<State> state_from(std::string_view document) {
  CAIRN_TRY(const auto object, json::parse_object(document));
  const auto cursor = json::find_int(object, "cursor");
  const auto plans = json::find_int(object, "plans");
  const auto commit = json::find_string(object, "commit");
  if (!cursor || !plans || !commit) {
    return Error{Errc::corrupt, "delivery's state lacks a member"};
  }
  return State{.cursor = journal::Position{static_cast<std::uint64_t>(*cursor)},
               .plans = static_cast<std::uint64_t>(*plans),
               .commit = std::string(*commit)};
}

}  // namespace cairn::delivery
