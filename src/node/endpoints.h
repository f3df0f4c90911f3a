// Where Cairn's own calls to a service go: into its own front, or to the endpoint that the configuration names for it.
// Thread-safe.
#pragma once

#include <memory>

#include "aws/client.h"
#include "base/time.h"
#include "node/config.h"

namespace cairn::node {

class Endpoints final : public aws::Client {
 public:
  // Reads the secrets' files. Errors name the setting. All references outlive it.
  static Result<std::unique_ptr<Endpoints>> open(const Config& config, aws::Client& own, const Clock& clock);

  Task<Result<aws::ClientAnswer, aws::Fault>> call(aws::ClientCall call) override;

 private:
  explicit Endpoints(aws::Client& own) : own_(own) {}

  aws::Client& own_;
  std::unique_ptr<aws::Client> s3_;  // none: ours
};

}  // namespace cairn::node
