// Tested by server_tls_test.cc and conformance/test_tls.py.
#include "http/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <ctime>

namespace cairn::http {
namespace {

// What AWS's own endpoints agree on first. Of TLS 1.2 nothing without forward secrecy and authenticated
// encryption.
constexpr const char* kCiphers13 =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* kCiphers12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

Error refusal(std::string_view what, const std::filesystem::path& file) {
  const auto code = ERR_peek_last_error();
  const char* const reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  ERR_clear_error();
  return Error{Errc::invalid,
               std::string(what) + (reason != nullptr ? ": " + std::string(reason) : std::string()),
               file.string()};
}

// OpenSSL would ask for a passphrase at the terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

// Who offers HTTP/2 alone is told that there is none; who offers nothing means HTTP/1.1.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
  static constexpr unsigned char kHttp11[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kHttp11, sizeof kHttp11 - 1, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

std::shared_ptr<SSL_CTX> bare_context() {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  auto* const raw = context.get();
  CAIRN_CHECK(raw != nullptr);
  const bool set = SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) == 1 &&
                   SSL_CTX_set_ciphersuites(raw, kCiphers13) == 1 &&
                   SSL_CTX_set_cipher_list(raw, kCiphers12) == 1;
  CAIRN_CHECK(set);
  // A peer that ends without a goodbye is told from one that has sent all by the message's own framing.
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                               SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(
      raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_default_passwd_cb(raw, no_passphrase);
  SSL_CTX_set_alpn_select_cb(raw, choose_protocol, nullptr);
  return context;
}

Time end_of(const SSL_CTX& context) {
  std::tm parts{};
  const auto* const certificate = SSL_CTX_get0_certificate(&context);
  if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) {
    return Time{};
  }
  return Time{Millis{static_cast<std::int64_t>(::timegm(&parts)) * 1000}};
}

}  // namespace

Result<TlsIdentity::Pair> TlsIdentity::read(const TlsFiles& files) {
  auto context = bare_context();
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificates.c_str()) != 1) {
    return refusal("cannot use the TLS certificate", files.certificates);
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return refusal("cannot use the TLS key", files.key);
  }
  if (SSL_CTX_check_private_key(context.get()) != 1) {
    return refusal("the TLS key is not the certificate's", files.key);
  }
  const auto until = end_of(*context);
  return Pair{std::move(context), until};
}

Result<std::shared_ptr<TlsIdentity>> TlsIdentity::load(const TlsFiles& files) {
  auto identity = std::make_shared<TlsIdentity>();
  CAIRN_TRY_VOID(identity->reload(files));
  return identity;
}

Result<void> TlsIdentity::reload(const TlsFiles& files) {
  CAIRN_TRY(auto pair, read(files));
  const std::lock_guard lock(mutex_);
  pair_ = std::move(pair);
  return {};
}

Time TlsIdentity::valid_until() const {
  const std::lock_guard lock(mutex_);
  return pair_.valid_until;
}

std::shared_ptr<ssl_ctx_st> TlsIdentity::context() const {
  const std::lock_guard lock(mutex_);
  return pair_.context;
}

}  // namespace cairn::http
