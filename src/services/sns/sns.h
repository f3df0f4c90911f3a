// SNS's API: topics, who subscribes to them, and messages to all of these. What it answers is the table in
// sns.cc; the front refuses the rest as not implemented.
//
// A message that Publish answered will be sent to every subscription that wanted it, at least once, by the
// deliverer (deliverer.h); it was committed together with the list of these, and with its record.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "crypto/sealer.h"
#include "front/service.h"
#include "topics/filter.h"

namespace cairn::services::sns {

class Deliverer;
class Outlets;

struct Limits {
  static constexpr std::size_t page_max = 100;  // as AWS's
  static constexpr std::size_t subject_chars_max = 100;
  static constexpr std::size_t display_name_chars_max = 100;
  static constexpr std::size_t attribute_name_bytes_max = 256;
  static constexpr std::size_t filter_bytes_max = 16U << 10;
  static constexpr std::size_t label_chars_max = 80;
};

struct Options {
  // Hosts that messages may be posted to: "hooks.example.org", or with all below it "*.example.org". Empty:
  // any.
  std::vector<std::string> http_hosts{};
};

// All outlive the service.
struct Dependencies {
  catalog::Catalog& catalog;
  const crypto::Sealer& sealer;
  Deliverer& deliverer;
  Options options{};
  const Outlets* outlets = nullptr;  // none: no mail, no programs
  std::shared_ptr<topics::FilterCache> filters = std::make_shared<topics::FilterCache>();
};

std::unique_ptr<front::Service> make_sns(Dependencies dependencies);

}  // namespace cairn::services::sns
