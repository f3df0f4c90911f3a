// Whatever a token holds, it is refused or is a bookmark of this query; and ours come back as they were.
#include "services/cloudtrail/next_token.h"

#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace cairn;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  store::Query query;
  query.account = "111122223333";
  query.region = "us-east-1";
  if (const auto read = services::cloudtrail::read_token(text, query)) {
    const auto again =
        services::cloudtrail::read_token(services::cloudtrail::write_token(*read, query), query);
    CAIRN_CHECK(again && again->snapshot == read->snapshot && again->time == read->time &&
                again->position == read->position);
  }
  return 0;
}
