// Tested by backup_test.cc.
#include "backup/named_blobs.h"

#include "blob/name.h"
#include "crypto/sealed_file.h"
#include "json/json.h"

namespace cairn::backup {

std::uint64_t file_bytes(std::string_view name, std::uint64_t bytes) {
  return blob::wants_sealing(name) ? crypto::SealedFile::sealed_size(bytes) : bytes;
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
      const auto bytes = json::find_int(parsed, rule.bytes);
      if (!bytes) {
        return Error{Errc::corrupt, "a document names a blob and no size", document.key};
      }
      return visit({document, std::string(*name), file_bytes(*name, static_cast<std::uint64_t>(*bytes))});
    };
    CAIRN_TRY_VOID(offline.each(rule.prefix, one));
  }
  return {};
}

}  // namespace cairn::backup
