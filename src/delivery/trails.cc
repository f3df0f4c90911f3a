#include "delivery/trails.h"

#include "json/json.h"

namespace cairn::delivery {

std::string trail_document_key(std::string_view arn) {
  return std::string(kTrailPrefix) + std::string(arn);
}

Result<void> Trails::load(const catalog::Document& document) {
  CAIRN_TRY(const auto object, json::parse_object(document.value));
  CAIRN_TRY(auto trail, trail::from_document(object));
  keep(std::move(trail));
  return {};
}

Result<void> Trails::change(std::string_view control_body) {
  CAIRN_TRY(auto change, trail::parse_control(control_body));
  if (!change) {
    return {};
  }
  changed_.insert_or_assign(change->arn, change->trail);
  changed_bytes_ += kTrailPrefix.size() + change->arn.size() + control_body.size();
  if (change->trail) {
    keep(*std::move(change->trail));
    return {};
  }
  for (auto& [account, trails] : by_account_) {
    trails.erase(change->arn);
  }
  return {};
}

const std::map<std::string, trail::Trail>& Trails::of(std::string_view account) const {
  static const std::map<std::string, trail::Trail> kNone;
  const auto it = by_account_.find(account);
  return it == by_account_.end() ? kNone : it->second;
}

std::vector<const trail::Trail*> Trails::all() const {
  std::vector<const trail::Trail*> all;
  for (const auto& [account, trails] : by_account_) {
    for (const auto& [arn, trail] : trails) {
      all.push_back(&trail);
    }
  }
  return all;
}

std::vector<catalog::Write> Trails::take_changes() {
  std::vector<catalog::Write> writes;
  for (const auto& [arn, trail] : changed_) {
    writes.push_back({trail_document_key(arn),
                      trail ? std::optional(json::serialize(trail::to_document(*trail))) : std::nullopt,
                      std::nullopt});
  }
  changed_.clear();
  changed_bytes_ = 0;
  return writes;
}

void Trails::keep(trail::Trail trail) {
  auto& of_account = by_account_[trail.account];
  auto arn = trail.arn();
  of_account.insert_or_assign(std::move(arn), std::move(trail));
}

}  // namespace cairn::delivery
