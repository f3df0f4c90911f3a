// The patterns of a policy: text with the wildcards * (any characters, none too) and ? (one character), and
// with policy variables
// (${aws:username}, ${aws:PrincipalTag/team, 'nobody'}; ${*}, ${?} and ${$} are the characters themselves).
//
// A variable's value is always taken literally: a user named "a*" reaches no further than "a*". A variable
// whose key is not in the request, or has several values, and that has no default, makes its pattern match
// nothing. Values: compiled once, matched by any thread. Matching takes few steps: see
// glyphs.h.
// Tested by pattern_test.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "access/context.h"
#include "access/glyphs.h"

namespace cairn::access {

struct PatternOptions {
  bool wildcards = true;   // else * and ? are themselves
  bool variables = true;   // of version 2012-10-17; else ${…} is itself
  bool fold_case = false;  // ASCII
  bool arn = false;        // wildcards as in a Resource: see ResourcePattern
};

class Pattern {
 public:
  static Pattern compile(std::string_view text, PatternOptions options);

  bool matches(std::string_view subject, const Context& context) const;
  // Has every variable a value, or a default?
  bool resolves(const Context& context) const;
  std::vector<std::string> variables() const;

 private:
  struct Piece {
    Glyphs glyphs;         // what stands before the variable
    std::string variable;  // its key; empty: none, this is the last piece
    bool has_default = false;
    std::string otherwise;
  };
  static bool resolve(const Piece& piece, const Context& context, Glyphs& out);
  bool resolve(const Context& context, Glyphs& out) const;

  std::vector<Piece> pieces_;
  bool fold_case_ = false;
};

// A pattern of a Resource. A wildcard stands for characters of one of the ARN's parts, but a * that ends a
// part, and every wildcard in the last one, reaches over colons too: "arn:aws:sqs:*" is every queue,
// "arn:aws:s3:::b/*" every object. "*" is everything, what is no ARN too.
class ResourcePattern {
 public:
  static ResourcePattern compile(std::string_view text, bool variables);

  bool matches(std::string_view subject, const Context& context) const {
    return pattern_.matches(subject, context);
  }
  bool resolves(const Context& context) const { return pattern_.resolves(context); }
  std::vector<std::string> variables() const { return pattern_.variables(); }

 private:
  Pattern pattern_;
};

// A pattern for ARNs in a condition: each of the six parts is matched on its own, so a wildcard does not
// reach over a colon, but in the last part, which may hold colons. Missing parts are *, so "*" matches every
// ARN and "arn:aws:sqs" every queue.
class ArnPattern {
 public:
  static ArnPattern compile(std::string_view text, bool variables);

  // A subject that is no ARN matches nothing but the pattern "*".
  bool matches(std::string_view subject, const Context& context) const;
  bool resolves(const Context& context) const;
  std::vector<std::string> variables() const;

 private:
  bool everything_ = false;
  std::vector<Pattern> parts_;  // six; or one, for a variable that is the whole ARN
};

}  // namespace cairn::access
