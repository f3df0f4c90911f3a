// Policy: an AWS policy document, compiled. Identity policies bind the user they hang on; resource policies
// (of a bucket, a topic, a key, …) name the principals they speak of.
//
// parse() refuses what AWS refuses, with AWS's words: IAM's for an identity policy ("Syntax errors in
// policy.") and a role's trust ("Has prohibited field Resource"), S3's for a resource policy
// ("Invalid principal in policy"). Errc::invalid; Errc::limit beyond PolicyLimits. What a service asks beyond
// that (that every Resource lies in the bucket) it checks by itself with resources() and actions().
//
// Judging, statement by statement: principal, action, resource and all conditions must match. NotPrincipal
// with Deny spares only whom it lists together with his account, with Allow it leaves out whoever it lists at
// all, or by his account: both on the safe side. Immutable, shared by any thread. Tested by policy_test.cc;
// fuzzed by policy_fuzz.cc.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "access/context.h"
#include "access/principal.h"
#include "base/result.h"

namespace cairn::access {

// trust: a role's AssumeRolePolicyDocument. It has no resource, and its words are IAM's.
enum class PolicyKind { identity, resource, trust };

struct PolicyLimits {
  static constexpr std::size_t bytes_max = 131072;  // IAM's; services have smaller ones
  static constexpr std::size_t depth_max = 16;
  static constexpr std::size_t statements_max = 1000;
};

// What is asked of one policy.
struct Question {
  const Principal& principal;
  std::string_view action;    // "s3:PutObject"
  std::string_view resource;  // an ARN, or "*"
  const Context& context;
};

// From weak to strong; the strongest of a policy's statements is the policy's.
enum class Verdict {
  none,
  delegated,     // allowed to the caller's account: his identity policies decide
  allow_issuer,  // allowed to the role or user whose session the caller is: as if an identity policy allowed
                 // it
  allow,
  deny,
};

class Statement;

class Policy {
 public:
  static Result<std::shared_ptr<const Policy>> parse(std::string_view text, PolicyKind kind);
  ~Policy();

  Verdict evaluate(const Question& question) const;
  std::size_t statement_count() const;
  // What each statement says by itself, in their order.
  std::vector<Verdict> verdicts(const Question& question) const;
  // The condition keys it reads, in conditions and as variables, as they are written. Some may be there
  // twice.
  std::vector<std::string> context_keys() const;

  const std::string& text() const { return text_; }
  // All that stands in Action and NotAction, Resource and NotResource of any statement.
  std::vector<std::string> actions() const;
  std::vector<std::string> resources() const;

 private:
  Policy();

  std::string text_;
  std::vector<Statement> statements_;
};

inline Verdict evaluate(const Policy& policy, const Question& question) {
  return policy.evaluate(question);
}

}  // namespace cairn::access
