// One statement of a policy, compiled. See policy.h.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <vector>

#include "access/condition.h"
#include "access/pattern.h"
#include "access/policy.h"
#include "access/principals.h"

namespace cairn::access {

// What AWS says to what is wrong: IAM to an identity policy, S3 to a resource policy.
Error syntax_error(PolicyKind kind);
Error unknown_field(PolicyKind kind, std::string_view field);

class Statement {
 public:
  // With variables: version 2012-10-17.
  static Result<Statement> parse(const boost::json::object& object, PolicyKind kind, bool variables);

  Verdict judge(const Question& question) const;

  const std::string& sid() const { return sid_; }
  // The condition keys it reads, in conditions and as variables.
  std::vector<std::string> context_keys() const;
  const std::vector<std::string>& actions() const { return action_texts_; }
  const std::vector<std::string>& resources() const { return resource_texts_; }

 private:
  Result<void> read_head(const boost::json::object& object, PolicyKind kind);
  Result<void> read_principals(const boost::json::object& object, PolicyKind kind);
  Result<void> read_actions(const boost::json::object& object, PolicyKind kind);
  Result<void> read_resources(const boost::json::object& object, PolicyKind kind, bool variables);
  Result<void> read_conditions(const boost::json::object& object, PolicyKind kind, bool variables);
  Verdict effect_on(const Principal& principal) const;
  bool concerns_action(std::string_view action) const;
  bool concerns_resource(const Question& question) const;

  std::string sid_;
  bool allows_ = false;
  std::optional<Principals> principals_;  // none in an identity policy
  bool not_principals_ = false;
  std::vector<std::string> action_texts_;
  std::vector<Pattern> actions_;
  bool not_actions_ = false;
  std::vector<std::string> resource_texts_;
  std::vector<ResourcePattern> resources_;
  bool not_resources_ = false;
  std::vector<Condition> conditions_;
};

}  // namespace cairn::access
