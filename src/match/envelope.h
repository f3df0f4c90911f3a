// Envelope: patterns that speak of an envelope around the record, matched against the bare record. Paths are
// rebased when the patterns are compiled; no envelope is ever built.
//
//   {.inner = "detail",
//    .constants = {{"version", "0"}},
//    .derived = {{.path = "source", .from = "eventSource", .remove_suffix = ".amazonaws.com", .prepend =
//    "aws."}}}
//
// A pattern's {"source": ["aws.s3"], "detail": {"eventName": ["PutObject"]}} then matches the record
// {"eventSource": "s3.amazonaws.com", "eventName": "PutObject"}. What a pattern asks for outside of all this
// has no value.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace cairn::match {

// A field of the envelope that is always the same string.
struct Constant {
  std::string path;
  std::string value;
};

// A field of the envelope whose value comes from one of the record.
struct Derived {
  std::string path;
  std::string from;  // in the record
  // A string is rewritten: it becomes what the table has for it, or nothing if the table does not know it.
  // With an empty table the suffix goes, if it is there, and `prepend` is put before.
  std::map<std::string, std::string, std::less<>> table{};
  std::string remove_suffix{};
  std::string prepend{};
};

struct Envelope {
  std::string inner;  // the path of the record in its envelope
  std::vector<Constant> constants{};
  std::vector<Derived> derived{};
};

}  // namespace cairn::match
