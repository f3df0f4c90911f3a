// For this folder's tests of TLS: keys and certificates, made here.
#pragma once

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <memory>

namespace cairn::http {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

// Self-signed, for the names given ("DNS:localhost,IP:127.0.0.1").
inline Certificate certify(EVP_PKEY* key, const char* names) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key);
  auto* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("cairn test"),
                             -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  auto* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names);
  X509_add_ext(certificate.get(), extension, -1);
  X509_EXTENSION_free(extension);
  X509_sign(certificate.get(), key, EVP_sha256());
  return certificate;
}

inline void write_certificate(const std::filesystem::path& file, X509* certificate) {
  auto* const out = BIO_new_file(file.c_str(), "w");
  PEM_write_bio_X509(out, certificate);
  BIO_free(out);
}

inline void write_key(const std::filesystem::path& file, EVP_PKEY* key, const char* passphrase = nullptr) {
  auto* const out = BIO_new_file(file.c_str(), "w");
  PEM_write_bio_PrivateKey(out, key, passphrase != nullptr ? EVP_aes_128_cbc() : nullptr, nullptr, 0, nullptr,
                           const_cast<char*>(passphrase));
  BIO_free(out);
}

}  // namespace cairn::http
