#include "base/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>

#include "base/time.h"

namespace cairn::log {
namespace {

std::atomic<Format> format_{Format::text};

spdlog::logger& sink() {
  static const auto logger = [] {
    auto made = std::make_shared<spdlog::logger>("cairn", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->flush_on(spdlog::level::info);
    return made;
  }();
  return *logger;
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<int>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

std::string json_line(std::string_view level, std::string_view message, Fields fields) {
  std::string out = "{\"time\":\"" + rfc3339_millis(system_clock().now()) + "\",\"level\":\"";
  out += level;
  out += "\",\"message\":";
  append_json_string(out, message);
  for (const auto& field : fields) {
    out += ',';
    append_json_string(out, field.name());
    out += ':';
    if (field.is_number()) {
      out += field.value();
    } else {
      append_json_string(out, field.value());
    }
  }
  return out + "}";
}

std::string text_line(std::string_view level, std::string_view message, Fields fields) {
  std::string out = fmt::format("{} {:<5} {}", rfc3339_millis(system_clock().now()), level, message);
  for (const auto& field : fields) {
    const bool bare =
        field.value().find_first_of(" \"\n\t=") == std::string_view::npos && !field.value().empty();
    out += ' ';
    out += field.name();
    out += '=';
    if (bare) {
      out += field.value();
    } else {
      append_json_string(out, field.value());
    }
  }
  return out;
}

void write(spdlog::level::level_enum level, std::string_view name, std::string_view message, Fields fields) {
  auto& logger = sink();
  if (!logger.should_log(level)) {
    return;
  }
  const auto line =
      format_.load() == Format::json ? json_line(name, message, fields) : text_line(name, message, fields);
  logger.log(level, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace

void configure(Level level, Format format) {
  format_ = format;
  switch (level) {
    case Level::debug:
      sink().set_level(spdlog::level::debug);
      break;
    case Level::info:
      sink().set_level(spdlog::level::info);
      break;
    case Level::warn:
      sink().set_level(spdlog::level::warn);
      break;
    case Level::error:
      sink().set_level(spdlog::level::err);
      break;
  }
}

void debug(std::string_view message, Fields fields) {
  write(spdlog::level::debug, "debug", message, fields);
}
void info(std::string_view message, Fields fields) {
  write(spdlog::level::info, "info", message, fields);
}
void warn(std::string_view message, Fields fields) {
  write(spdlog::level::warn, "warn", message, fields);
}
void error(std::string_view message, Fields fields) {
  write(spdlog::level::err, "error", message, fields);
}

}  // namespace cairn::log
