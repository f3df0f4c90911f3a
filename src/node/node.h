// A node: everything that runs in one `cairn serve`, wired together. Which adapter runs is decided here and
// nowhere else.
#pragma once

#include <memory>
#include <string>

#include "node/config.h"

namespace cairn::node {

class Node {
 public:
  // Opens the data folder, recovers what a crash left, writes <data>/credentials, and listens. Ready a moment
  // later.
  static Result<std::unique_ptr<Node>> start(const Config& config);
  // stop()
  virtual ~Node() = default;

  virtual std::string endpoint() const = 0;  // "http://127.0.0.1:4586", "https://…" with a certificate
  virtual bool ready() const = 0;
  // Do its loops still turn? False when one of them has not answered after the patience.
  virtual bool responds(Millis patience) = 0;
  // Brings the declared accounts, users and keys into the catalog, and writes <data>/credentials; shows the
  // TLS certificate as it is in its file now. After an error about the declaration or the certificate nothing
  // was changed. Not beside stop().
  virtual Result<void> reload(const Config& config) = 0;
  // No new requests; running ones get some seconds; then everything ends in the reverse order of its start.
  virtual void stop() = 0;
};

}  // namespace cairn::node
