// What several operations need of users, names and pages.
#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "codec/base64.h"
#include "json/json.h"
#include "services/iam/faults.h"
#include "services/iam/operations.h"

namespace cairn::services::iam {

namespace {

// As validation errors show a member: "userName".
std::string shown_name(std::string_view member) {
  std::string shown(member);
  shown.front() = static_cast<char>(shown.front() - 'A' + 'a');
  return shown;
}

Found<void> check_name(std::string_view member, std::string_view name, std::size_t length_max) {
  const auto refuse = [&](std::string_view bound, std::size_t length) {
    return fault::validation(
        fmt::format("1 validation error detected: Value at '{}' failed to satisfy constraint: Member must "
                    "have length {} than or equal to {}",
                    member, bound, length));
  };
  if (name.empty()) {
    return refuse("greater", 1);
  }
  if (name.size() > length_max) {
    return refuse("less", length_max);
  }
  if (!access::is_name(name, length_max)) {
    return fault::validation(
        fmt::format("The specified value for {} is invalid. It must contain only alphanumeric characters "
                    "and/or the following: +=,.@_-",
                    member));
  }
  return {};
}

}  // namespace

Found<std::string> user_name_of(const Call& call) {
  if (json::find(call.input, "UserName") != nullptr) {
    return name_of(call, "UserName", kNameMax);
  }
  if (call.caller.principal.kind == access::PrincipalKind::user) {
    return call.caller.principal.name;
  }
  return fault::validation("Must specify userName when calling with non-User credentials");
}

Task<Found<StoredUser>> find_user(const Dependencies& on, const Call& call, std::string name) {
  auto found = co_await access::load_user(on.catalog, call.account, name);
  if (!found) {
    co_return fault::failure(found.error());
  }
  if (!*found) {
    co_return fault::no_such("user", name);
  }
  co_return *std::move(*found);
}

Task<Found<StoredUser>> find_own_user(const Dependencies& on, const Call& call, std::string name) {
  CAIRN_CO_TRY(auto user, co_await find_user(on, call, std::move(name)));
  if (user.value.declared) {
    co_return fault::declared_user(user.value.name);
  }
  co_return user;
}

Task<Found<StoredAccount>> find_account(const Dependencies& on, const Call& call) {
  auto found = co_await access::load_account(on.catalog, call.account);
  if (!found) {
    co_return fault::failure(found.error());
  }
  if (!*found) {  // the caller was found through it a moment ago
    co_return fault::failure({Errc::not_found, "find the account of a call", call.account});
  }
  co_return *std::move(*found);
}

boost::json::object described(const access::UserDocument& user) {
  boost::json::object described;
  described["Path"] = user.path;
  described["UserName"] = user.name;
  described["UserId"] = user.id;
  described["Arn"] = user.arn();
  described["CreateDate"] = seconds(user.created);
  return described;
}

std::int64_t seconds(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

std::string text(const Call& call, std::string_view member) {
  return std::string(json::find_string(call.input, member).value_or(""));
}

Found<std::string> name_of(const Call& call, std::string_view member, std::size_t length_max) {
  const auto name = json::find_string(call.input, member);
  const auto shown = shown_name(member);
  if (!name) {
    return fault::validation(
        fmt::format("1 validation error detected: Value null at '{}' failed to satisfy constraint: Member "
                    "must not be null",
                    shown));
  }
  CAIRN_TRY_VOID(check_name(shown, *name, length_max));
  return std::string(*name);
}

Found<Page> page_of(const Call& call) {
  Page page;
  if (const auto limit = json::find_int(call.input, "MaxItems")) {
    if (*limit < 1 || *limit > static_cast<std::int64_t>(Limits::page_max)) {
      return fault::validation("MaxItems must be between 1 and 1000.");
    }
    page.limit = static_cast<std::size_t>(*limit);
  }
  if (const auto marker = json::find_string(call.input, "Marker")) {
    auto after = codec::base64_decode(*marker);
    if (!after || after->empty()) {
      return fault::validation("Invalid Marker.");
    }
    page.after = *std::move(after);
  }
  return page;
}

void put_page_end(boost::json::object& output, bool truncated, std::string_view last) {
  output["IsTruncated"] = truncated;
  if (truncated) {
    output["Marker"] = codec::base64_encode(last);
  }
}

}  // namespace cairn::services::iam
