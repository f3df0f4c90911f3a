// The tables in decisions/: cases of policies, and rows of who asks for what and what is decided.
//
//   case TITLE (where AWS's documentation says so)
//   version 2008-10-17 | none            of all its policies; else 2012-10-17
//   owner ACCOUNT                        of the resource; else 111122223333
//   identity|boundary|session|resource|trust STATEMENT     one line each; several make one policy
//   session nothing                      a session policy was asked for, and there is none
//   allow|deny|none WHO ACTION RESOURCE [KEY=VALUE|KEY[]]…   deny: explicitly; a KEY twice has two values
//
// Identity policies and boundaries bind users, sessions and federated users, session policies bind sessions
// and federated users. Without a "session" line nothing was passed.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "access/access.h"
#include "access/naive_decision_testing.h"
#include "json/json.h"

namespace cairn::access::table {

struct Row {
  std::string where;  // file and line
  std::string decision;
  std::string who;
  std::string action;
  std::string resource;
  Context context;
};

struct Case {
  std::string title;
  std::string version = "2012-10-17";
  std::string owner = "111122223333";
  std::map<std::string, std::vector<std::string>> statements;  // by "identity", "boundary", …
  std::vector<Row> rows;
};

inline const std::vector<std::string>& names() {
  static const std::vector<std::string> all = {"ann",   "bob",         "boss",   "falcon",
                                               "fred",  "fed-by-root", "carl",   "kestrel",
                                               "chief", "cloudtrail",  "config", "nobody"};
  return all;
}

inline Principal user(const std::string& account, const std::string& name, const std::string& id) {
  return {.kind = PrincipalKind::user,
          .account = account,
          .arn = "arn:aws:iam::" + account + ":user/" + name,
          .id = id,
          .name = name,
          .access_key = {}};
}

inline Principal session(const std::string& account, const std::string& role, const std::string& name,
                         const std::string& id, const std::string& path) {
  return {.kind = PrincipalKind::session,
          .account = account,
          .arn = "arn:aws:sts::" + account + ":assumed-role/" + role + "/" + name,
          .id = id + ":" + name,
          .name = name,
          .access_key = {},
          .issuer = "arn:aws:iam::" + account + ":role" + path + role};
}

inline Principal root(const std::string& account) {
  return {.kind = PrincipalKind::root,
          .account = account,
          .arn = "arn:aws:iam::" + account + ":root",
          .id = account,
          .name = {},
          .access_key = {}};
}

inline Principal federated(const std::string& issuer) {
  return {.kind = PrincipalKind::federated,
          .account = "111122223333",
          .arn = "arn:aws:sts::111122223333:federated-user/fred",
          .id = "111122223333:fred",
          .name = "fred",
          .access_key = {},
          .issuer = "arn:aws:iam::111122223333:" + issuer};
}

inline Principal service(const std::string& name) {
  Principal made;
  made.kind = PrincipalKind::service;
  made.name = name + ".amazonaws.com";
  return made;
}

inline Caller caller(const std::string& who) {
  static const std::map<std::string, Principal> principals = {
      {"ann", user("111122223333", "ann", "AIDAANNAAAAAAAAAAAAAA")},
      {"bob", user("111122223333", "bob", "AIDABOBAAAAAAAAAAAAAA")},
      {"boss", root("111122223333")},
      {"falcon", session("111122223333", "Falcon", "nightly", "AROAFALCONAAAAAAAAAAA", "/ops/")},
      {"fred", federated("user/ann")},
      {"fed-by-root", federated("root")},
      {"carl", user("444455556666", "carl", "AIDACARLAAAAAAAAAAAAA")},
      {"kestrel", session("444455556666", "Kestrel", "audit", "AROAKESTRELAAAAAAAAAA", "/")},
      {"chief", root("444455556666")},
      {"cloudtrail", service("cloudtrail")},
      {"config", service("config")},
      {"nobody", {}}};
  Caller made;
  made.principal = principals.at(who);
  const auto set = [&](std::string_view key, std::string value) {
    made.context.set(key, {std::move(value)});
  };
  if (who == "ann") {
    set("aws:PrincipalTag/department", "finance");
  } else if (who == "falcon") {
    set("aws:PrincipalTag/department", "night");
    set("aws:TokenIssueTime", "2026-03-02T10:00:00Z");
    set("aws:MultiFactorAuthPresent", "false");
  } else if (who == "fred") {
    set("aws:TokenIssueTime", "2026-03-02T10:00:00Z");
    set("aws:MultiFactorAuthPresent", "true");
  } else if (who == "cloudtrail") {
    set("aws:SourceArn", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main");
    set("aws:SourceAccount", "111122223333");
  }
  return made;
}

inline std::string canonical_users_filled_in(std::string text) {
  const std::string mark = "CANONICAL-";
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark)) {
    const auto account = text.substr(at + mark.size(), 12);
    text.replace(at, mark.size() + account.size(), canonical_user_id(account));
  }
  return text;
}

inline Row read_row(const std::string& line, const std::string& where) {
  Row row;
  row.where = where;
  std::istringstream in(line);
  in >> row.decision >> row.who >> row.action >> row.resource;
  for (std::string word; in >> word;) {
    if (word.ends_with("[]")) {
      row.context.set(word.substr(0, word.size() - 2), {});
    } else {
      row.context.add(word.substr(0, word.find('=')), word.substr(word.find('=') + 1));
    }
  }
  return row;
}

inline std::vector<Case> read(const std::string& file) {
  std::ifstream in(std::string(CAIRN_SOURCE_DIR) + "/src/access/decisions/" + file);
  EXPECT_TRUE(in) << file;
  std::vector<Case> cases;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    const auto space = line.find(' ');
    const auto word = line.substr(0, space);
    const auto rest = space == std::string::npos ? "" : line.substr(space + 1);
    if (line.empty() || word == "#") {
      continue;
    }
    if (word == "case") {
      cases.emplace_back().title = rest;
    } else if (word == "version") {
      cases.back().version = rest;
    } else if (word == "owner") {
      cases.back().owner = rest;
    } else if (word == "allow" || word == "deny" || word == "none") {
      cases.back().rows.push_back(read_row(line, file + ":" + std::to_string(number)));
    } else {
      cases.back().statements[word].push_back(canonical_users_filled_in(rest));
    }
  }
  return cases;
}

inline std::string document(const std::string& version, const std::vector<std::string>& statements) {
  std::string text = version == "none" ? "{" : R"({"Version":")" + version + R"(",)";
  text += R"("Statement":[)";
  for (std::size_t i = 0; i < statements.size(); ++i) {
    text += (i > 0 ? "," : "") + statements[i];
  }
  return text + "]}";
}

struct Decided {
  Decision decision;
  naive::Answer naive;
};

// What both evaluators say.
inline Decided decided(const Case& on, const Row& row) {
  Caller who = caller(row.who);
  Ask ask;
  ask.action = row.action;
  ask.resource = row.resource;
  ask.resource_account = on.owner;
  ask.context = row.context;
  naive::Documents documents;
  const auto compiled = [&](const std::string& kind, PolicyKind as, std::optional<naive::value>& parsed) {
    const auto found = on.statements.find(kind);
    if (found == on.statements.end()) {
      return std::shared_ptr<const Policy>();
    }
    const auto text = document(on.version, found->second);
    const auto policy = Policy::parse(text, as);
    EXPECT_TRUE(policy) << row.where << " " << text << ": " << (policy ? "" : policy.error().what);
    parsed = boost::json::parse(text);
    return policy ? *policy : nullptr;
  };
  if (who.principal.of_an_account() && who.principal.kind != PrincipalKind::root) {
    if (auto policy = compiled("identity", PolicyKind::identity, documents.identity)) {
      who.policies = {std::move(policy)};
    }
    who.boundary = compiled("boundary", PolicyKind::identity, documents.boundary);
  }
  const auto passed = on.statements.find("session");
  if (who.principal.is_session() && passed != on.statements.end()) {
    documents.session_of_nothing = passed->second.front() == "nothing";
    who.session_policies.emplace();
    if (!documents.session_of_nothing) {
      who.session_policies->push_back(compiled("session", PolicyKind::identity, documents.session));
    }
  }
  ask.resource_policy = compiled("resource", PolicyKind::resource, documents.resource);
  if (on.statements.contains("trust")) {
    ask.resource_policy = compiled("trust", PolicyKind::trust, documents.resource);
    ask.resource_policy_rules = true;
  }
  const naive::Request request{who.principal, ask.action, ask.resource,
                               naive::whole_keys(row.context, who.context, who.principal, on.owner)};
  return {.decision = decide(who, ask),
          .naive = naive::answer(documents, request, on.owner, ask.resource_policy_rules)};
}

}  // namespace cairn::access::table
