#include "integrity/inventory.h"

namespace cairn::integrity {
namespace {

constexpr std::chrono::hours kDigestReach{1};

bool is_of(const std::string& wanted, const std::string& is) {
  return wanted.empty() || wanted == is;
}

}  // namespace

Result<void> Inventory::take(Listed listed) {
  if (taken_ >= kKeysMax) {
    return Error{Errc::limit, "too many files to verify at once: ask for a part of them"};
  }
  if (auto digest = parse_digest_key(listed.key)) {
    if (is_asked_for(*digest)) {
      ++taken_;
      const GroupName group{digest->prefix, digest->organization, digest->account, digest->region};
      groups_[group].digests.push_back(*std::move(digest));
    }
    return {};
  }
  const auto log = parse_log_file_key(listed.key);
  if (!log) {
    take_stray(std::move(listed));
  } else if (is_of(question_.account, log->account) && is_of(question_.region, log->region)) {
    ++taken_;
    groups_[{log->prefix, log->organization, log->account, log->region}].log_files.push_back(
        std::move(listed));
  }
  return {};
}

void Inventory::take_stray(Listed listed) {
  const auto place = parse_folder(listed.key);
  if (!place || (place->is_marker && listed.bytes.value_or(0) == 0) ||
      !is_of(question_.account, place->account) || !is_of(question_.region, place->region)) {
    return;
  }
  ++taken_;
  auto& group = groups_[{place->prefix, place->organization, place->account, place->region}];
  (place->of_digests ? group.stray_digests : group.strays).push_back(std::move(listed));
}

bool Inventory::is_of_place(const DigestName& name) const {
  return is_of(question_.account, name.account) && is_of(question_.region, name.region);
}

bool Inventory::is_asked_for(const DigestName& name) const {
  return is_of_place(name) && (!question_.from || name.end >= *question_.from) &&
         (!question_.until || name.end <= *question_.until + kDigestReach);
}

// An organization's trail has files of all its accounts.
bool is_of_trail(const Question& question, const DigestName& name) {
  return is_of(question.trail, name.trail) && is_of(question.trail_region, name.home_region) &&
         (!name.organization.empty() || is_of(question.trail_account, name.account));
}

}  // namespace cairn::integrity
