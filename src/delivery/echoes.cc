// Tested by echoes_test.cc, delivery_crash_test.cc and digest_documents_fuzz.cc.
#include "delivery/echoes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "json/json.h"

namespace cairn::delivery {
namespace {

constexpr std::string_view kDeliverer = "cloudtrail.amazonaws.com";
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kItsCalls = {
    {{"s3.amazonaws.com", "PutObject"},
     {"kms.amazonaws.com", "GenerateDataKey"},
     {"sns.amazonaws.com", "Publish"}}};
constexpr int kEchoesFormat = 1;

}  // namespace

bool is_echo(const event::View& view) {
  return view.invoked_by == kDeliverer && std::ranges::any_of(kItsCalls, [&](const auto& call) {
           return view.source == call.first && view.name == call.second;
         });
}

std::string Echoes::catalog_key() const {
  return fmt::format("{}{}/{}/{}/{}", kEchoesPrefix, trail_arn, account, region, folder);
}

std::string Echoes::document() const {
  return json::serialize(json::object{{"v", kEchoesFormat},
                                      {"trail", trail_arn},
                                      {"account", account},
                                      {"region", region},
                                      {"folder", folder},
                                      {"since", since.time_since_epoch().count()},
                                      {"file", file}});
}

Result<Echoes> echoes_from(const catalog::Document& document) {
  const Error not_written{Errc::corrupt, "records that wait for company are not what was written",
                          document.key};
  const auto object = json::parse_object(document.value);
  const auto since = object ? json::find_int(*object, "since") : std::nullopt;
  if (!since || json::find_int(*object, "v") != kEchoesFormat) {
    return not_written;
  }
  const auto text = [&](std::string_view member) {
    return std::string(json::find_string(*object, member).value_or(""));
  };
  Echoes echoes{.trail_arn = text("trail"),
                .account = text("account"),
                .region = text("region"),
                .folder = text("folder"),
                .since = Time{Millis{*since}},
                .file = text("file")};
  const bool sound = document.key == echoes.catalog_key() && !echoes.file.empty();
  return sound ? Result<Echoes>(std::move(echoes)) : not_written;
}

}  // namespace cairn::delivery
