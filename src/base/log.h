// Structured logging. A line is a constant, lower-case sentence without full stop (so it can be searched
// for), then fields.
//
//   log::info("log file delivered", {{"trail", name}, {"events", count}, {"ms", took}});
//
// Levels: error = somebody must act; warn = we coped; info = the state changed; debug = per request.
// Log an error once, where it is handled. Thread-safe. Lines go to standard error, readable or as JSON.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

namespace cairn::log {

class Field {
 public:
  Field(std::string_view name, std::string_view value) : name_(name), value_(value) {}
  Field(std::string_view name, const char* value) : name_(name), value_(value) {}
  Field(std::string_view name, const std::string& value) : name_(name), value_(value) {}
  template <class T>
    requires std::is_arithmetic_v<T>
  Field(std::string_view name, T value) : name_(name), value_(std::to_string(value)), number_(true) {}

  std::string_view name() const { return name_; }
  std::string_view value() const { return value_; }
  bool is_number() const { return number_; }

 private:
  std::string_view name_;
  std::string value_;
  bool number_ = false;
};

using Fields = std::initializer_list<Field>;

enum class Level { debug, info, warn, error };
enum class Format { text, json };

// Called once, by main. Before it, lines are text and info.
void configure(Level level, Format format);

void debug(std::string_view message, Fields fields = {});
void info(std::string_view message, Fields fields = {});
void warn(std::string_view message, Fields fields = {});
void error(std::string_view message, Fields fields = {});

}  // namespace cairn::log
