// Tested by form_data_test.cc.
#include "codec/form_data.h"

#include <algorithm>

#include "codec/headers.h"

namespace cairn::codec {
namespace {

constexpr std::string_view kFileField = "file";
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kBoundaryMarks = "'()+_,-./:=? ";

Error no_form(std::string what) {
  return Error{Errc::invalid, "form: " + std::move(what)};
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string_view::npos ? std::string_view{}
                                         : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// A parameter of a header's value: name="a \" b" or name=token.
std::optional<std::string> parameter(std::string_view value, std::string_view wanted) {
  auto rest = value.substr(std::min(value.find(';'), value.size()));
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const auto equals = rest.find('=');
    if (equals == std::string_view::npos) {
      return std::nullopt;
    }
    const auto name = trimmed(rest.substr(0, equals));
    rest.remove_prefix(equals + 1);
    std::string text;
    if (rest.starts_with('"')) {
      std::size_t at = 1;
      for (; at < rest.size() && rest[at] != '"'; ++at) {
        const bool escapes = rest[at] == '\\' && at + 1 < rest.size() && rest[at + 1] == '"';
        at += escapes ? 1 : 0;
        text += rest[at];
      }
      rest.remove_prefix(std::min(at + 1, rest.size()));
      rest.remove_prefix(std::min(rest.find(';'), rest.size()));
    } else {
      const auto end = std::min(rest.find(';'), rest.size());
      text = trimmed(rest.substr(0, end));
      rest.remove_prefix(end);
    }
    if (equals_ignore_case(name, wanted)) {
      return text;
    }
  }
  return std::nullopt;
}

// The value of a part's Content-Disposition.
std::string_view disposition_in(std::string_view head) {
  while (!head.empty()) {
    const auto end = std::min(head.find("\r\n"), head.size());
    const auto line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    const auto colon = line.find(':');
    if (colon != std::string_view::npos &&
        equals_ignore_case(trimmed(line.substr(0, colon)), "Content-Disposition")) {
      return trimmed(line.substr(colon + 1));
    }
  }
  return {};
}

bool is_boundary_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kBoundaryMarks.find(c) != std::string_view::npos;
}

}  // namespace

std::optional<std::string> form_boundary(std::string_view content_type) {
  const auto type = trimmed(content_type.substr(0, std::min(content_type.find(';'), content_type.size())));
  if (!equals_ignore_case(type, "multipart/form-data")) {
    return std::nullopt;
  }
  auto boundary = parameter(content_type, "boundary");
  const bool right = boundary && !boundary->empty() && boundary->size() <= FormData::kBoundaryCharsMax &&
                     std::ranges::all_of(*boundary, is_boundary_character) && boundary->back() != ' ';
  return right ? boundary : std::nullopt;
}

// As if a line had ended in front of it, so that the first delimiter is like all others.
FormData::FormData(std::string_view boundary)
    : delimiter_("\r\n--" + std::string(boundary)), buffer_("\r\n") {}

Result<void> FormData::push(std::span<const std::byte> bytes, const Sink& file) {
  if (state_ == State::over) {
    return {};
  }
  buffer_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  while (true) {
    CAIRN_TRY(const bool more, step(file));
    if (!more) {
      break;
    }
  }
  // Of what is not complete yet, the end may be no part of it.
  const auto surely = buffer_.size() - std::min(buffer_.size(), delimiter_.size() + kHeadEnd.size());
  return state_ == State::file || state_ == State::over ? Result<void>{} : count(surely);
}

Result<void> FormData::finish() const {
  return state_ == State::over && file_name_ ? Result<void>{} : no_form("it ends early, or has no file");
}

// Beyond the limit it is refused before more is kept.
Result<void> FormData::count(std::size_t bytes) {
  return fields_bytes_ + bytes > kFieldsBytesMax
             ? Result<void>(Error{Errc::limit, "form: the fields in front of the file are too long"})
             : Result<void>{};
}

// One step, if there are bytes enough for it.
Result<bool> FormData::step(const Sink& file) {
  switch (state_) {
    case State::start:
      if (buffer_.size() < delimiter_.size()) {
        return false;
      }
      if (!buffer_.starts_with(delimiter_)) {
        return no_form("it does not begin with its boundary");
      }
      buffer_.erase(0, delimiter_.size());
      state_ = State::behind;
      return true;
    case State::behind:  // a delimiter
      if (buffer_.size() < 2) {
        return false;
      }
      if (buffer_.starts_with("--") || (buffer_.starts_with("\r\n") && file_name_)) {
        state_ = State::over;
        buffer_.clear();
        return false;
      }
      if (!buffer_.starts_with("\r\n")) {
        return no_form("a boundary has something behind it");
      }
      state_ = State::head;
      return true;
    case State::head:
      return read_head();
    case State::field:
    case State::file: {
      const bool taken = take_content(file);
      CAIRN_TRY_VOID(count(0));
      return taken;
    }
    case State::over:
      return false;
  }
  return false;
}

Result<bool> FormData::read_head() {
  const auto end = buffer_.find(kHeadEnd);
  if (end == std::string::npos) {
    return false;
  }
  const auto head = std::string_view(buffer_).substr(0, end);
  const auto disposition = disposition_in(head);
  const auto name = parameter(disposition, "name");
  if (!equals_ignore_case(trimmed(disposition.substr(0, disposition.find(';'))), "form-data") || !name) {
    return no_form("a part has no name");
  }
  name_ = *name;
  const bool is_file = equals_ignore_case(name_, kFileField);
  if (is_file) {
    file_name_ = parameter(disposition, "filename").value_or("");
  }
  CAIRN_TRY_VOID(count(end));
  fields_bytes_ += end;
  state_ = is_file ? State::file : State::field;
  buffer_.erase(0, end + kHeadEnd.size());
  return true;
}

// False: more bytes are needed to tell content from delimiter.
bool FormData::take_content(const Sink& file) {
  const auto end = buffer_.find(delimiter_);
  if (state_ == State::field) {
    if (end == std::string::npos) {
      return false;
    }
    fields_bytes_ += end;
    fields_.emplace_back(name_, buffer_.substr(0, end));
  } else {
    const auto sure = end != std::string::npos       ? end
                      : buffer_.size() > delimiter_.size() ? buffer_.size() - delimiter_.size()
                                                           : 0;
    if (sure > 0) {
      file(std::as_bytes(std::span(buffer_).first(sure)));
    }
    if (end == std::string::npos) {
      buffer_.erase(0, sure);
      return false;
    }
  }
  buffer_.erase(0, end + delimiter_.size());
  state_ = State::behind;
  return true;
}

}  // namespace cairn::codec
