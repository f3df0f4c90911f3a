// The trails as of the last entry that was taken, and what has changed since the last commit. One thread.
//
// Catalog: "delivery/trail/<trail ARN>", the trail's document; delivery's own copy, which is as old as its
// cursor. And "delivery/member/<account>": which organization the account is in, likewise.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"
#include "delivery/takers.h"
#include "trail/trail.h"

namespace cairn::delivery {

std::string trail_document_key(std::string_view arn);
inline constexpr std::string_view kTrailPrefix = "delivery/trail/";
inline constexpr std::string_view kMemberPrefix = "delivery/member/";

class Trails {
 public:
  // As committed.
  Result<void> load(const catalog::Document& document);
  Result<void> load_member(const catalog::Document& document);
  // A control entry; one of another type means nothing here.
  Result<void> change(std::string_view control_body);

  std::vector<const trail::Trail*> all() const;
  // Null: there is none. Valid until the next change.
  const trail::Trail* find(std::string_view arn) const;

  // Which organization an account is in; empty: none. Valid until the next change.
  std::string_view organization_of(std::string_view account) const;
  // Their organizations, by account.
  using Members = std::map<std::string, std::string, std::less<>>;
  const Members& members() const { return members_; }

  // As the trails are now. Valid until the next change.
  const Takers& takers();
  // What the takers want records matched with, with a count of its changes for a version.
  stream::Patterns patterns();

  // What take_changes() would give, at most.
  std::uint64_t changed_bytes() const { return changed_bytes_; }
  // What a commit has to write so that load() finds these trails again.
  std::vector<catalog::Write> take_changes();

 private:
  Result<bool> change_member(std::string_view control_body);

  std::map<std::string, trail::Trail, std::less<>> trails_;  // by ARN
  Members members_;
  std::optional<Takers> takers_;                // none: trails have changed since
  std::vector<std::string> asked_;              // pattern_texts() of the version
  std::uint64_t version_ = 0;
  std::map<std::string, std::optional<trail::Trail>> changed_;  // by ARN
  std::map<std::string, std::optional<std::string>> changed_members_;
  std::uint64_t changed_bytes_ = 0;
};

}  // namespace cairn::delivery
