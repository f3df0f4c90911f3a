#include "delivery/trails.h"

#include "json/json.h"
#include "organization/organization.h"

namespace cairn::delivery {

std::string trail_document_key(std::string_view arn) {
  return std::string(kTrailPrefix) + std::string(arn);
}

Result<void> Trails::load(const catalog::Document& document) {
  CAIRN_TRY(const auto object, json::parse_object(document.value));
  CAIRN_TRY(auto trail, trail::from_document(object));
  auto arn = trail.arn();
  trails_.insert_or_assign(std::move(arn), std::move(trail));
  takers_.reset();
  return {};
}

// {"organization":"o-…"}
Result<void> Trails::load_member(const catalog::Document& document) {
  CAIRN_TRY(const auto object, json::parse_object(document.value));
  const auto organization = json::find_string(object, "organization");
  if (!organization) {
    return Error{Errc::corrupt, "delivery's copy of a membership lacks its organization", document.key};
  }
  members_.insert_or_assign(document.key.substr(kMemberPrefix.size()), std::string(*organization));
  return {};
}

std::string_view Trails::organization_of(std::string_view account) const {
  const auto it = members_.find(account);
  return it == members_.end() ? std::string_view() : std::string_view(it->second);
}

// False: it is of another type.
Result<bool> Trails::change_member(std::string_view control_body) {
  CAIRN_TRY(auto membership, organization::parse_control(control_body));
  if (!membership) {
    return false;
  }
  changed_members_.insert_or_assign(membership->account, membership->organization);
  changed_bytes_ += kMemberPrefix.size() + control_body.size();
  if (membership->organization) {
    members_.insert_or_assign(membership->account, *membership->organization);
  } else {
    members_.erase(membership->account);
  }
  return true;
}

Result<void> Trails::change(std::string_view control_body) {
  CAIRN_TRY(const bool of_member, change_member(control_body));
  if (of_member) {
    return {};
  }
  CAIRN_TRY(auto change, trail::parse_control(control_body));
  if (!change) {
    return {};
  }
  changed_.insert_or_assign(change->arn, change->trail);
  changed_bytes_ += kTrailPrefix.size() + change->arn.size() + control_body.size();
  takers_.reset();
  if (change->trail) {
    trails_.insert_or_assign(change->arn, *std::move(change->trail));
  } else {
    trails_.erase(change->arn);
  }
  return {};
}

const Takers& Trails::takers() {
  if (!takers_) {
    takers_.emplace(all());
  }
  return *takers_;
}

stream::Patterns Trails::patterns() {
  const auto& takers = this->takers();
  if (takers.pattern_texts() != asked_) {
    asked_ = takers.pattern_texts();
    ++version_;
  }
  // The stream's own word for nothing asked.
  return {.version = asked_.empty() ? 0 : version_, .all = takers.patterns()};
}

std::vector<const trail::Trail*> Trails::all() const {
  std::vector<const trail::Trail*> all;
  for (const auto& [arn, trail] : trails_) {
    all.push_back(&trail);
  }
  return all;
}

const trail::Trail* Trails::find(std::string_view arn) const {
  const auto it = trails_.find(arn);
  return it == trails_.end() ? nullptr : &it->second;
}

std::vector<catalog::Write> Trails::take_changes() {
  std::vector<catalog::Write> writes;
  for (const auto& [arn, trail] : changed_) {
    writes.push_back({trail_document_key(arn),
                      trail ? std::optional(json::serialize(trail::to_document(*trail))) : std::nullopt,
                      std::nullopt});
  }
  for (const auto& [account, organization] : changed_members_) {
    writes.push_back({std::string(kMemberPrefix) + account,
                      organization ? std::optional(json::serialize(json::object{{"organization", *organization}}))
                                   : std::nullopt,
                      std::nullopt});
  }
  changed_.clear();
  changed_members_.clear();
  changed_bytes_ = 0;
  return writes;
}

}  // namespace cairn::delivery
