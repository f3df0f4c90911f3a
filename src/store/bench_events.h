// Events for the benchmarks: as a busy account writes them, 1.5 KB each; or records of the caller's, one a line, in
// the file that CAIRN_BENCH_RECORDS names (again from the front when they do not do).
#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <random>

#include "store/store_testing.h"

namespace cairn::store::testing {

inline std::string text_of(std::mt19937& random, std::size_t size) {
  static constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789-:/";
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    text += kLetters[random() % kLetters.size()];
  }
  return text;
}

inline std::vector<Event> events_of_file(const std::string& path, std::size_t count) {
  std::vector<Event> events;
  while (events.size() < count) {
    std::ifstream lines(path);
    std::string line;
    const auto before = events.size();
    while (events.size() < count && std::getline(lines, line)) {
      auto view = event::view(line);
      CAIRN_CHECK(view.has_value());
      events.push_back({true, *std::move(view), line});
    }
    CAIRN_CHECK(events.size() > before);
  }
  return events;
}

inline std::vector<Event> bench_events(std::size_t count, Time begin, Millis step) {
  if (const char* path = std::getenv("CAIRN_BENCH_RECORDS")) {
    return events_of_file(path, count);
  }
  std::mt19937 random(7);
  const auto pick = [&](std::string_view stem, std::size_t n) {
    return fmt::format("{}{}", stem, random() % n);
  };
  std::vector<std::string> agents;
  for (int i = 0; i < 40; ++i) {
    agents.push_back(text_of(random, 400));
  }
  std::vector<Event> events;
  events.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto event = simple_event(begin + step * static_cast<std::int64_t>(i), text_of(random, 36));
    auto& v = event.view;
    v.recipient_account = random() % 2 == 0 ? "111122223333" : pick("22223333444", 5);
    v.region = random() % 2 == 0 ? "us-east-1" : pick("eu-west-", 4);
    v.name = pick("Operation", 200);
    v.source = pick("service", 30) + ".amazonaws.com";
    v.username = pick("user", 500);
    v.access_key_id = pick("AKIAEXAMPLE000000", 700);
    v.read_only = random() % 3 != 0;
    v.resources = {{"AWS::S3::Bucket", pick("bucket", 20'000)},
                   {"AWS::S3::Object", "arn:aws:s3:::" + text_of(random, 20)}};
    const auto filler =
        fmt::format("{}{}{}", agents[random() % 40], agents[random() % 40], text_of(random, 200));
    events.push_back(event_of(v, filler));
  }
  return events;
}

}  // namespace cairn::store::testing
