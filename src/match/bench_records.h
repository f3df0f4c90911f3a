// Records and patterns for match_bench.cc: those of $CAIRN_TEST_DATA/patterns/bench, made by its script; and
// of our own making, for machines that have neither the data nor python3.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "json/json.h"
#include "match/eventbridge.h"
#include "match/match.h"

namespace cairn::match::bench {

inline std::filesystem::path data_folder() {
  const char* const given = std::getenv("CAIRN_TEST_DATA");
  const auto data = given != nullptr ? std::filesystem::path(given)
                                     : std::filesystem::path(CAIRN_SOURCE_DIR) / "../shared/data";
  return data / "patterns/bench";
}

// The script's records, one a line; empty if there is no script or no python3.
inline std::vector<std::string> script_records(std::size_t count) {
  std::vector<std::string> records;
  const auto script = data_folder() / "cloudtrail_records.py";
  if (!std::filesystem::exists(script)) {
    return records;
  }
  const auto out =
      std::filesystem::temp_directory_path() / ("cairn_match_bench_" + std::to_string(std::rand()));
  const auto command =
      "python3 '" + script.string() + "' " + std::to_string(count) + " > '" + out.string() + "'";
  if (std::system(command.c_str()) == 0) {
    std::ifstream in(out);
    for (std::string line; std::getline(in, line);) {
      records.push_back(line);
    }
  }
  std::filesystem::remove(out);
  return records;
}

inline std::string own_record(std::mt19937_64& random) {
  const auto any = [&](std::size_t below) { return random() % below; };
  const auto hex = [&](std::size_t size) {
    std::string text;
    while (text.size() < size) {
      text += "0123456789abcdef"[any(16)];
    }
    return text;
  };
  const auto number = std::to_string(any(40));
  const auto arn = "arn:aws:sts::12345678901" + std::to_string(any(8)) + ":assumed-role/app/user" + number;
  std::string record =
      R"({"eventVersion":"1.09","userIdentity":{"type":"AssumedRole","principalId":"AROA)" + hex(17) +
      R"(:user","arn":")" + arn + R"(","accountId":"123456789012","accessKeyId":"ASIA)" + hex(16) +
      R"(","sessionContext":{"sessionIssuer":{"type":"Role","userName":"app"},"attributes":)" +
      R"({"creationDate":"2026-11-02T10:00:00Z","mfaAuthenticated":"false"}}},)" +
      R"("eventTime":"2026-11-02T10:15:00Z","eventSource":"s)" + number +
      R"(.amazonaws.com","eventName":"Op)" + number + R"(","awsRegion":"eu-west-1",)" +
      R"("sourceIPAddress":"203.0.113.7","userAgent":"aws-cli/2.15.30 Python/3.11.8 Linux/5.10",)" +
      R"("requestParameters":{"bucketName":"b-)" + hex(6) + R"(","key":"data/)" + hex(24) +
      R"("},"responseElements":{"x":")" + hex(20) + R"("},"requestID":")" + hex(32) + R"(","eventID":")" +
      hex(32) + R"(","readOnly":false,"eventType":"AwsApiCall",)" +
      R"("managementEvent":true,"recipientAccountId":"123456789012","eventCategory":"Management",)" +
      R"("tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256"})";
  return record + (any(25) == 0 ? R"(,"errorCode":"AccessDenied"})" : "}");
}

inline std::vector<std::string> own_records(std::size_t count) {
  std::mt19937_64 random(7);
  std::vector<std::string> records;
  while (records.size() < count) {
    records.push_back(own_record(random));
  }
  return records;
}

// Each asks for a source and a name; of 1,000 the first 40 match records of ours.
inline std::vector<std::string> own_patterns(std::size_t count) {
  std::vector<std::string> patterns;
  for (std::size_t i = 0; i < count; ++i) {
    const auto number = std::to_string(i);
    patterns.push_back(R"({"eventSource":["s)" + number + R"(.amazonaws.com"],"eventName":["Op)" + number +
                       R"("]})");
  }
  return patterns;
}

// A JSON array of patterns, from the data; empty if it is not there.
inline std::vector<std::string> data_patterns(const std::string& name) {
  std::ifstream in(data_folder() / name);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  std::vector<std::string> patterns;
  if (!text.empty()) {
    const auto all = json::parse(text).value();
    for (const auto& pattern : all.as_array()) {
      patterns.push_back(json::serialize(pattern));
    }
  }
  return patterns;
}

inline std::shared_ptr<const Matcher> matcher(const std::vector<std::string>& patterns, std::size_t count) {
  std::vector<OwnedPattern> owned;
  for (std::size_t i = 0; i < std::min(count, patterns.size()); ++i) {
    owned.push_back({.owner = 0,
                     .id = i,
                     .pattern = std::make_shared<const Pattern>(parse_event_pattern(patterns[i]).value())});
  }
  return compile(owned).value();
}

}  // namespace cairn::match::bench
