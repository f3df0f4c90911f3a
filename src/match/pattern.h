// A pattern as a value, whatever language it was written in: branches of which one must hold, each a list of
// fields that must all hold, each a list of tests of which one must.
//
//   {"eventName": ["CreateUser", {"prefix": "Delete"}], "errorCode": [{"exists": false}]}
//   one branch, two fields; the first with two tests
//
// What a test is asked about is a leaf of the record: a string, a number, true, false or null. Objects are no
// leaves, and an array is each of its elements. A field holds if any leaf at its path passes any of its
// tests, and of fields below the same array of the record all must hold within one of its elements.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "match/address.h"

namespace cairn::match {

enum class Op : std::uint8_t {
  equals,        // a string: text
  prefix,        // a string that begins with text
  suffix,        // a string that ends with text
  wildcard,      // a string made of the segments, with anything between two of them
  address,       // a string that is an IP address within addresses
  literal,       // true, false or null: text
  number,        // a number within range
  number_text,   // a number written exactly so: text
  exists,        // any leaf
  absent,        // holds if there is no leaf
  anything_but,  // any leaf that passes none of excluded
};

struct Range {
  double low = 0;
  double high = 0;
  bool open_low = false;
  bool open_high = false;

  bool has(double number) const {
    return (open_low ? number > low : number >= low) && (open_high ? number < high : number <= high);
  }
};

struct Test {
  Op op;
  bool ignore_case = false;  // equals, prefix, suffix
  std::string text{};
  std::vector<std::string> segments{};
  Range range{};
  AddressRange addresses{};
  std::vector<Test> excluded{};
};

struct Field {
  std::string path;  // names joined by '.'
  std::vector<Test> any_of;
};

// Fields in the order of their paths, no path twice. Shared: branches of one pattern have many in common.
using Branch = std::vector<std::shared_ptr<const Field>>;

struct Pattern {
  std::vector<Branch> branches;
};

}  // namespace cairn::match
