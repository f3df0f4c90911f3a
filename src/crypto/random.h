// Random bytes and identifiers, from OpenSSL's generator. Thread-safe. Identifiers are cut from a buffer that
// each thread keeps, so that one costs tens of nanoseconds; what was used is wiped, and a forked child starts
// with an empty buffer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "crypto/secret.h"

namespace cairn::crypto {

// Straight from the generator: for keys.
void random_bytes(std::span<std::byte> out);
Secret random_secret(std::size_t size);

std::uint64_t random_number();

// A version 4 UUID: "0f8fad5b-d9cb-469f-a165-70867728950e".
std::string uuid4();

inline constexpr std::string_view kAlphanumeric =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
inline constexpr std::string_view kBase32 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";  // what AWS's ids are written in: AKIA…, AIDA…
inline constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";  // secret keys

// Each character drawn evenly from the alphabet, which has 2 to 256 of them.
std::string random_text(std::size_t length, std::string_view alphabet = kAlphanumeric);

}  // namespace cairn::crypto
