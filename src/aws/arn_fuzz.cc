// Whatever is accepted as an ARN has its parts, and is made of them again.
#include "aws/ids.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using cairn::aws::Arn;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto arn = Arn::parse(text);
  if (!arn) {
    return 0;
  }
  CAIRN_CHECK(arn->text() == text);
  CAIRN_CHECK(!arn->service().empty() && !arn->resource().empty());
  CAIRN_CHECK(arn->resource().ends_with(arn->resource_id()));
  CAIRN_CHECK(Arn::of({arn->partition(), arn->service(), arn->region(), arn->account(), arn->resource()}) ==
              *arn);
  return 0;
}
