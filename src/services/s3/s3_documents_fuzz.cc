// Whatever a stored document holds, it is refused or read; and what is read is written as something that
// reads the same.
#include "base/check.h"
#include "services/s3/documents.h"
#include "services/s3/notices.h"
#include "services/s3/uploads.h"

namespace {

template <typename Read>
void round_trip(Read read, std::string_view text) {
  using cairn::services::s3::to_document;
  if (const auto first = read(text)) {
    const auto written = to_document(*first);
    const auto again = read(written);
    CAIRN_CHECK(again && to_document(*again) == written);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cairn::services;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  round_trip(s3::bucket_from, text);
  round_trip(s3::object_from, text);
  round_trip(s3::upload_from, text);
  round_trip(s3::notice_from, text);
  return 0;
}
