// Where Cairn's own calls to a service go: into its own front, or to the endpoint that the configuration
// names for it. Those are the calls of trails (S3, KMS, SNS), of subscriptions and of buckets (SQS, SNS), and
// S3's for its caller (KMS).
//
// A KMS that is not ours knows Cairn's credentials and not who asks S3. So whether his own policies allow him
// to use the very key is decided here, as far as the key's policy leaves that to them; its policy rules over
// Cairn's credentials alone. Thread-safe.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "aws/client.h"
#include "base/time.h"
#include "crypto/secret.h"
#include "front/in_process_client.h"
#include "node/config.h"

namespace cairn::node {

// A file's first line. Errc::invalid.
Result<crypto::Secret> read_secret(const std::filesystem::path& file);

class Endpoints final : public aws::Client, public front::Forwarding {
 public:
  // Reads the secrets' files. Errors name the setting. All references outlive it.
  static Result<std::unique_ptr<Endpoints>> open(const Config& config, front::InProcessClient& own,
                                                 const Clock& clock);

  Task<Result<aws::ClientAnswer, aws::Fault>> call(aws::ClientCall call) override;
  Task<Result<aws::ClientAnswer, aws::Fault>> forward(const front::Call& from,
                                                      front::ForwardedCall call) override;

 private:
  explicit Endpoints(front::InProcessClient& own) : own_(own) {}

  front::InProcessClient& own_;
  std::map<std::string, std::unique_ptr<aws::Client>, std::less<>> others_;  // by service; none: ours
};

}  // namespace cairn::node
