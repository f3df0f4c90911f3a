// Which services a request may be for: by its target's prefix, by the scope of its signature, by the host's
// name. Inside aws/ only. Pure.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "aws/model.h"
#include "aws/recognise.h"

namespace cairn::aws {

using Services = std::vector<const Service*>;

// "CloudTrail_20131101" of "CloudTrail_20131101.LookupEvents".
std::string_view prefix_of(std::string_view target);

// Of a relayed call that is signed: the services that the signature is for. Its upstream checks that, and
// goes by it; what else the head names says nothing. Nothing: anything may count.
std::optional<Services> services_signed_for(const Question& question);

Services services_of_target(const Question& question, std::string_view target);
Services services_of_host(const Question& question);
// Where no target says; S3 if nothing else does. Empty: the signature is for a service that is not known.
Services services_of(const Question& question, std::string_view action, std::string_view version);

}  // namespace cairn::aws
