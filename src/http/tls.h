// TlsIdentity: the certificate and key that a server shows, read from files, and read again while it runs.
// TLS 1.2 and 1.3, forward-secret ciphers with authenticated encryption only; no renegotiation, no early
// data, no sessions kept here (tickets are the client's to keep).
//
// Thread-safe. What is established keeps what it was established with.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "base/time.h"

struct ssl_ctx_st;

namespace cairn::http {

struct TlsFiles {
  std::filesystem::path certificates;  // PEM: the server's own first, then those up to (not with) the root
  std::filesystem::path key;           // PEM, without a passphrase
};

class TlsIdentity {
 public:
  // Errors: Errc::invalid with the file and OpenSSL's reason: not there, not PEM, a key that is another
  // certificate's, one that is too weak, one that has a passphrase.
  static Result<std::shared_ptr<TlsIdentity>> load(const TlsFiles& files);

  // The new pair for handshakes that begin from now on. After an error nothing was changed.
  Result<void> reload(const TlsFiles& files);
  // Of the server's own certificate.
  Time valid_until() const;

  // For http/ only.
  std::shared_ptr<ssl_ctx_st> context() const;

 private:
  struct Pair {
    std::shared_ptr<ssl_ctx_st> context;
    Time valid_until{};
  };
  static Result<Pair> read(const TlsFiles& files);

  mutable std::mutex mutex_;
  Pair pair_;  // guarded
};

}  // namespace cairn::http
