// Tested by backup_test.cc.
#include "backup/named_blobs.h"

#include "json/json.h"

namespace cairn::backup {

std::optional<std::int64_t> bytes_of(const BlobRule& rule, const boost::json::object& document) {
  const auto stored = json::find_int(document, "stored");
  return stored ? stored : json::find_int(document, rule.bytes);
}

Result<void> each_named_blob(catalog::sqlite::Offline& offline,
                             const std::function<Result<void>(const NamedBlob&)>& visit) {
  for (const auto& rule : kBlobRules) {
    const auto one = [&](const catalog::Document& document) -> Result<void> {
      CAIRN_TRY(const auto parsed, json::parse_object(document.value));
      const auto name = json::find_string(parsed, rule.blob);
      if (!name || name->empty() || json::find_int(parsed, "unreadableSince")) {
        return {};
      }
      const auto bytes = bytes_of(rule, parsed);
      if (!bytes) {
        return Error{Errc::corrupt, "a document names a blob and no size", document.key};
      }
      return visit({document, std::string(*name), static_cast<std::uint64_t>(*bytes)});
    };
    CAIRN_TRY_VOID(offline.each(rule.prefix, one));
  }
  return {};
}

}  // namespace cairn::backup
