// Tested by certificate_test.cc.
#include "crypto/certificate.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>

#include "crypto/random.h"

namespace cairn::crypto {
namespace {

constexpr long kVersionThree = 2;  // as X.509 counts
constexpr std::size_t kSerialBytes = 16;

template <auto Free>
struct CertificateFree {
  template <class T>
  void operator()(T* gone) const {
    Free(gone);
  }
};
using Certificate = std::unique_ptr<X509, CertificateFree<X509_free>>;
using CertificateKey = std::unique_ptr<EVP_PKEY, CertificateFree<EVP_PKEY_free>>;
using CertificateNumber = std::unique_ptr<BIGNUM, CertificateFree<BN_free>>;
using CertificateExtension = std::unique_ptr<X509_EXTENSION, CertificateFree<X509_EXTENSION_free>>;
using CertificateText = std::unique_ptr<BIO, CertificateFree<BIO_free_all>>;

CertificateKey certificate_key(const RsaPrivateKey& key) {
  const auto der = key.to_der();
  const auto* at = reinterpret_cast<const unsigned char*>(der.bytes().data());
  return CertificateKey(d2i_PrivateKey(EVP_PKEY_RSA, nullptr, &at, static_cast<long>(der.size())));
}

bool set_serial(X509& certificate) {
  std::array<std::byte, kSerialBytes> bytes;
  random_bytes(bytes);
  bytes[0] &= std::byte{0x7F};  // not negative
  bytes[0] |= std::byte{0x40};  // and never zero
  const CertificateNumber number(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                                           static_cast<int>(bytes.size()), nullptr));
  return number != nullptr &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate)) != nullptr;
}

bool set_time(ASN1_TIME* at, Time time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  return ASN1_TIME_set(at, static_cast<time_t>(seconds)) != nullptr;
}

bool set_name(X509& certificate, std::string_view common_name) {
  auto* const name = X509_get_subject_name(&certificate);
  const auto* const bytes = reinterpret_cast<const unsigned char*>(common_name.data());
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, bytes, static_cast<int>(common_name.size()),
                                    -1, 0) == 1 &&
         X509_set_issuer_name(&certificate, name) == 1;
}

bool add_extension(X509& certificate, int kind, const char* value) {
  const CertificateExtension extension(X509V3_EXT_conf_nid(nullptr, nullptr, kind, value));
  return extension != nullptr && X509_add_ext(&certificate, extension.get(), -1) == 1;
}

std::string as_pem(X509& certificate) {
  const CertificateText text(BIO_new(BIO_s_mem()));
  if (text == nullptr || PEM_write_bio_X509(text.get(), &certificate) != 1) {
    return {};
  }
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(text.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

}  // namespace

Result<std::string> self_signed_certificate(const RsaPrivateKey& key, const CertificateFacts& facts) {
  const auto signer = certificate_key(key);
  const Certificate certificate(X509_new());
  const bool made = signer != nullptr && certificate != nullptr &&
                    X509_set_version(certificate.get(), kVersionThree) == 1 && set_serial(*certificate) &&
                    set_time(X509_getm_notBefore(certificate.get()), facts.from) &&
                    set_time(X509_getm_notAfter(certificate.get()), facts.until) &&
                    set_name(*certificate, facts.common_name) &&
                    X509_set_pubkey(certificate.get(), signer.get()) == 1 &&
                    add_extension(*certificate, NID_basic_constraints, "critical,CA:FALSE") &&
                    add_extension(*certificate, NID_key_usage, "critical,digitalSignature") &&
                    X509_sign(certificate.get(), signer.get(), EVP_sha256()) > 0;
  auto pem = made ? as_pem(*certificate) : std::string();
  ERR_clear_error();
  if (pem.empty()) {
    return Error{Errc::invalid, "make a certificate", std::string(facts.common_name)};
  }
  return pem;
}

}  // namespace cairn::crypto
