#include "base/error.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace cairn {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::invalid:
      return "invalid";
    case Errc::not_found:
      return "not_found";
    case Errc::conflict:
      return "conflict";
    case Errc::limit:
      return "limit";
    case Errc::denied:
      return "denied";
    case Errc::unavailable:
      return "unavailable";
    case Errc::unknown:
      return "unknown";
    case Errc::corrupt:
      return "corrupt";
    case Errc::cancelled:
      return "cancelled";
  }
  return "?";
}

std::string Error::text() const {
  return subject.empty() ? what : fmt::format("{}: {}", what, subject);
}

bool retryable(Errc code) {
  return code == Errc::unavailable || code == Errc::conflict || code == Errc::limit || code == Errc::unknown;
}

namespace {

Errc code_of(int error_number) {
  switch (error_number) {
    case ENOENT:
      return Errc::not_found;
    case EEXIST:
      return Errc::conflict;
    case EACCES:
    case EPERM:
    case EROFS:
      return Errc::denied;
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
      return Errc::limit;
    case EINVAL:
    case ENAMETOOLONG:
      return Errc::invalid;
    default:
      return Errc::unavailable;
  }
}

}  // namespace

Error system_error(int error_number, std::string_view what, std::string_view subject) {
  return Error{code_of(error_number),
               fmt::format("{}: {}", what, std::generic_category().message(error_number)),
               std::string(subject)};
}

}  // namespace cairn
