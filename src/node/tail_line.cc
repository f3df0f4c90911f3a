// Tested by tail_line_test.cc.
#include "node/tail_line.h"

#include <fmt/format.h>

#include <algorithm>

#include "event/view.h"
#include "json/json.h"

namespace cairn::node {
namespace {

constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kCyan = "\x1b[36m";
constexpr std::string_view kYellow = "\x1b[33m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kEnd = "\x1b[0m";
constexpr std::string_view kSuffix = ".amazonaws.com";
constexpr std::size_t kResourcesShown = 2;

// One character of ASCII's controls or, in two bytes, of C1's: some terminals obey these, too.
bool is_control(std::string_view character) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(character[at]); };
  return character.size() == 1
             ? byte(0) < 0x20 || byte(0) == 0x7f
             : character.size() == 2 && byte(0) == 0xc2 && byte(1) >= 0x80 && byte(1) <= 0x9f;
}

class Line {
 public:
  explicit Line(bool colours) : colours_(colours) {}

  // What callers wrote must not move the cursor of who reads it.
  void add(std::string_view colour, std::string_view text) {
    if (text.empty()) {
      return;
    }
    text_ += text_.empty() ? "" : " ";
    text_ += colours_ ? colour : "";
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool is_long = i + 1 < text.size() && is_control(text.substr(i, 2));
      text_ += is_long || is_control(text.substr(i, 1)) ? '?' : text[i];
      i += is_long ? 1 : 0;
    }
    text_ += colours_ ? kEnd : "";
  }
  std::string take() { return std::move(text_); }

 private:
  const bool colours_;
  std::string text_;
};

std::string_view without_suffix(std::string_view source) {
  return source.ends_with(kSuffix) ? source.substr(0, source.size() - kSuffix.size()) : source;
}

std::string who_of(const event::View& view) {
  if (!view.username.view().empty()) {
    return std::string(view.username.view());
  }
  return std::string(without_suffix(view.invoked_by.view()));
}

std::string on_what(const event::View& view) {
  std::string names;
  for (std::size_t i = 0; i < std::min(view.resources.size(), kResourcesShown); ++i) {
    names += (i > 0 ? ", " : "") + std::string(view.resources[i].name.view());
  }
  return names + (view.resources.size() > kResourcesShown ? ", …" : "");
}

}  // namespace

std::string line_of(std::string_view record, bool colours) {
  const auto view = event::borrowed_view(record);
  Line line(colours);
  if (!view) {
    line.add("", record);
    return line.take();
  }
  constexpr std::size_t kDate = std::string_view("2026-03-02T").size();
  constexpr std::size_t kClock = std::string_view("12:00:01").size();
  line.add(kDim, rfc3339(view->time).substr(kDate, kClock));
  line.add(kCyan, who_of(*view));
  line.add(view->read_only ? "" : kBold,
           fmt::format("{}:{}", without_suffix(view->source.view()), view->name.view()));
  line.add(kYellow, on_what(*view));
  line.add(kRed, view->error_code.view());
  return line.take();
}

std::string json_line_of(std::string_view record) {
  std::string line;
  line.reserve(record.size());
  for (std::size_t i = 0; i < record.size(); ++i) {
    const bool is_long = i + 1 < record.size() && is_control(record.substr(i, 2));
    if (is_long || is_control(record.substr(i, 1))) {
      i += is_long ? 1 : 0;
      line += fmt::format("\\u{:04x}", static_cast<unsigned char>(record[i]));
    } else {
      line += record[i];
    }
  }
  return line;
}

}  // namespace cairn::node
