// New material for a key: every so many days, or at once. The old decrypts what it encrypted. Tested by
// rotation_test.cc.
#include <fmt/format.h>

#include <algorithm>

#include "json/json.h"
#include "services/kms/operations.h"

namespace cairn::services::kms {
namespace {

constexpr std::int64_t kDaysUsual = 365;

Found<void> check_rotates(const Call& call, const keys::Key& key) {
  CAIRN_TRY_VOID(check_usable(key));
  if (!key.is_symmetric()) {
    return fault::unsupported(call.operation.name + " is for symmetric encryption keys alone.");
  }
  return {};
}

std::size_t on_demand_rotations(const keys::Key& key) {
  return static_cast<std::size_t>(std::ranges::count_if(key.materials, &keys::Material::on_demand));
}

}  // namespace

// The days count from now on, unless they are what they were.
Task<Answer> enable_key_rotation(const Dependencies& /*on*/, Call& call, Asked asked) {
  auto& key = asked.keys.front();
  CAIRN_CO_TRY_VOID(check_rotates(call, key.value));
  const auto days = json::find_int(call.input, "RotationPeriodInDays").value_or(kDaysUsual);
  auto& rotation = key.value.rotation;
  if (!rotation.enabled || rotation.days != days) {
    rotation = {.enabled = true, .days = days, .enabled_at = call.time};
  }
  co_return changed(call, key);
}

Task<Answer> disable_key_rotation(const Dependencies& /*on*/, Call& call, Asked asked) {
  auto& key = asked.keys.front();
  CAIRN_CO_TRY_VOID(check_rotates(call, key.value));
  key.value.rotation.enabled = false;
  co_return changed(call, key);
}

// Of a key that cannot rotate: that it does not, as AWS says; Terraform asks it of every key.
Task<Answer> get_key_rotation_status(const Dependencies& /*on*/, Call& /*call*/, Asked asked) {
  const auto& key = asked.keys.front().value;
  const auto next = key.next_rotation();
  Outcome outcome;
  outcome.output = {{"KeyRotationEnabled", next.has_value()}, {"KeyId", key.id}};
  if (next) {
    outcome.output["RotationPeriodInDays"] = key.rotation.days;
    outcome.output["NextRotationDate"] = seconds(*next);
  }
  co_return outcome;
}

Task<Answer> rotate_key_on_demand(const Dependencies& on, Call& call, Asked asked) {
  auto& key = asked.keys.front();
  CAIRN_CO_TRY_VOID(check_rotates(call, key.value));
  if (on_demand_rotations(key.value) >= keys::Limits::on_demand_rotations_max ||
      key.value.materials.size() >= keys::Limits::materials_max) {
    co_return fault::limit("The number of on-demand rotations of the KMS key has reached its limit.");
  }
  keys::add_material(key.value, on.sealer, keys::new_material(), call.time, true);
  auto outcome = changed(call, key);
  outcome.output["KeyId"] = key.value.id;
  call.record.response_elements.reset();
  co_return outcome;
}

Task<Answer> list_key_rotations(const Dependencies& /*on*/, Call& call, Asked asked) {
  const auto& key = asked.keys.front().value;
  if (!key.is_symmetric()) {
    co_return fault::unsupported(call.operation.name + " is for symmetric encryption keys alone.");
  }
  const bool all = text(call, "IncludeKeyMaterial") == "ALL_KEY_MATERIAL";
  const std::size_t first = all ? 0 : 1;  // what it began with is no rotation
  std::vector<std::string> marks;
  for (auto i = first; i < key.materials.size(); ++i) {
    marks.push_back(fmt::format("{:06}", i));
  }
  Outcome outcome;
  CAIRN_CO_TRY(const auto page, page_of(call, marks, Limits::page_usual, outcome.output));
  json::array list;
  for (auto i = page.begin + first; i < page.end + first; ++i) {
    const auto& material = key.materials[i];
    json::object shown{{"KeyId", key.id},
                       {"KeyMaterialId", material.id},
                       {"KeyMaterialState", i + 1 == key.materials.size() ? "CURRENT" : "NON_CURRENT"}};
    if (i > 0) {
      shown["RotationDate"] = seconds(material.since);
      shown["RotationType"] = material.on_demand ? "ON_DEMAND" : "AUTOMATIC";
    }
    list.push_back(std::move(shown));
  }
  outcome.output["Rotations"] = std::move(list);
  co_return outcome;
}

}  // namespace cairn::services::kms
