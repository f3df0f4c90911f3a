#include "access/policy.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <iterator>
#include <set>

#include "access/statement.h"
#include "json/json.h"

namespace cairn::access {

namespace {

using boost::json::object;
using boost::json::value;

constexpr std::string_view kNewVersion = "2012-10-17";
constexpr std::string_view kOldVersion =
    "2008-10-17";  // knows no variables; what a policy without Version has

Result<value> parse_document(std::string_view text, PolicyKind kind) {
  if (text.size() > PolicyLimits::bytes_max) {
    return Error{Errc::limit,
                 "The policy is larger than " + std::to_string(PolicyLimits::bytes_max) + " bytes"};
  }
  auto document =
      json::parse(text, {.bytes_max = PolicyLimits::bytes_max, .depth_max = PolicyLimits::depth_max});
  if (!document) {
    return Error{Errc::invalid, kind == PolicyKind::resource
                                    ? "Policies must be valid JSON and the first byte must be '{'"
                                    : "This policy contains invalid Json"};
  }
  return document->is_object() ? std::move(document) : syntax_error(kind);
}

// Does it know variables?
Result<bool> read_version(const object& document, PolicyKind kind) {
  const auto* version = document.if_contains("Version");
  const auto is = [version](std::string_view text) {
    return version->is_string() && version->get_string() == text;
  };
  if (version != nullptr && !is(kNewVersion) && !is(kOldVersion)) {
    return Error{Errc::invalid, kind == PolicyKind::identity
                                    ? "Syntax errors in policy."
                                    : "The policy must contain a valid version string"};
  }
  return version != nullptr && is(kNewVersion);
}

Result<void> check_members(const object& document, PolicyKind kind) {
  for (const auto& member : document) {
    if (member.key() != "Version" && member.key() != "Id" && member.key() != "Statement") {
      return unknown_field(kind, member.key());
    }
  }
  const auto* id = document.if_contains("Id");
  return id == nullptr || id->is_string() ? Result<void>() : syntax_error(kind);
}

Result<void> check_sids(const std::vector<Statement>& statements) {
  std::set<std::string_view> seen;
  for (const auto& statement : statements) {
    if (!statement.sid().empty() && !seen.insert(statement.sid()).second) {
      return Error{Errc::invalid, "Statement IDs (SID) in a single policy must be unique."};
    }
  }
  return {};
}

Result<std::vector<Statement>> read_statements(const object& document, PolicyKind kind, bool variables) {
  const auto* found = document.if_contains("Statement");
  if (found == nullptr) {
    return kind == PolicyKind::identity ? syntax_error(kind)
                                        : Error{Errc::invalid, "Missing required field Statement"};
  }
  const auto* list = found->if_array();
  const auto* begin = list != nullptr ? list->data() : found;
  const auto* end = begin + (list != nullptr ? list->size() : 1);
  if (begin == end || static_cast<std::size_t>(end - begin) > PolicyLimits::statements_max) {
    return syntax_error(kind);
  }
  std::vector<Statement> statements;
  for (const auto* one = begin; one != end; ++one) {
    if (!one->is_object()) {
      return syntax_error(kind);
    }
    CAIRN_TRY(auto statement, Statement::parse(one->get_object(), kind, variables));
    statements.push_back(std::move(statement));
  }
  CAIRN_TRY_VOID(check_sids(statements));
  return statements;
}

}  // namespace

Policy::Policy() = default;
Policy::~Policy() = default;

Result<std::shared_ptr<const Policy>> Policy::parse(std::string_view text, PolicyKind kind) {
  CAIRN_TRY(const auto parsed, parse_document(text, kind));
  const auto& document = parsed.get_object();
  CAIRN_TRY_VOID(check_members(document, kind));
  CAIRN_TRY(const bool variables, read_version(document, kind));
  CAIRN_TRY(auto statements, read_statements(document, kind, variables));
  std::shared_ptr<Policy> policy(new Policy);
  policy->text_ = text;
  policy->statements_ = std::move(statements);
  return std::shared_ptr<const Policy>(std::move(policy));
}

std::size_t Policy::statement_count() const {
  return statements_.size();
}

Verdict Policy::evaluate(const Question& question) const {
  auto strongest = Verdict::none;
  for (const auto& statement : statements_) {
    strongest = std::max(strongest, statement.judge(question));
    if (strongest == Verdict::deny) {
      break;
    }
  }
  return strongest;
}

std::vector<Verdict> Policy::verdicts(const Question& question) const {
  std::vector<Verdict> all;
  for (const auto& statement : statements_) {
    all.push_back(statement.judge(question));
  }
  return all;
}

std::vector<std::string> Policy::context_keys() const {
  std::vector<std::string> all;
  for (const auto& statement : statements_) {
    std::ranges::copy(statement.context_keys(), std::back_inserter(all));
  }
  return all;
}

std::vector<std::string> Policy::actions() const {
  std::vector<std::string> all;
  for (const auto& statement : statements_) {
    all.insert(all.end(), statement.actions().begin(), statement.actions().end());
  }
  return all;
}

std::vector<std::string> Policy::resources() const {
  std::vector<std::string> all;
  for (const auto& statement : statements_) {
    all.insert(all.end(), statement.resources().begin(), statement.resources().end());
  }
  return all;
}

}  // namespace cairn::access
