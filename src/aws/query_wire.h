// Values between the model's names and the flat names of a form: `Tags.member.1.Key=a`. The requests of the
// protocols query and ec2, which has names of its own and no `member`: `Tag.1.Key=a`.
#pragma once

#include <boost/json/object.hpp>

#include "aws/fault.h"
#include "aws/model.h"
#include "codec/uri.h"

namespace cairn::aws {

struct FormLimits {
  static constexpr std::size_t kPairsMax = 10'000;
  static constexpr std::size_t kDepthMax = 32;  // parts of a name
};

enum class FormNames { query, ec2 };

// Pairs that the model does not have are ignored; of a name given twice the last counts. Faults:
// MalformedInput (a value of the wrong kind, or over a limit).
Result<boost::json::object, Fault> decode_form(const Shape& shape, const codec::QueryPairs& pairs,
                                               FormNames names = FormNames::query);

// In the model's order; Action and Version are the caller's to add.
codec::QueryPairs encode_form(const Shape& shape, const boost::json::object& value,
                              FormNames names = FormNames::query);

}  // namespace cairn::aws
