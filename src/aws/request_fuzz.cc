// Any request: the first byte picks a service, then come a line "METHOD target", header lines, an empty line
// and the body. It is recognised, read, checked and shown as a record shows it; what was read can be written
// again, and for JSON reads the same.
#include <boost/json/serialize.hpp>

#include "aws/protocol.h"
#include "aws/recognise.h"
#include "aws/record_form.h"
#include "aws/validate.h"
#include "base/check.h"

namespace {

std::string_view take_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

cairn::codec::RequestHead take_head(std::string_view& text) {
  cairn::codec::RequestHead head;
  const auto first = take_line(text);
  const auto space = std::min(first.find(' '), first.size());
  head.method = first.substr(0, space);
  head.target = first.substr(std::min(space + 1, first.size()));
  for (auto line = take_line(text); !line.empty(); line = take_line(text)) {
    const auto colon = std::min(line.find(':'), line.size());
    head.headers.add(std::string(line.substr(0, colon)),
                     std::string(line.substr(std::min(colon + 1, line.size()))));
  }
  return head;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace cairn::aws;
  static const std::vector<std::string> kDomains = {"localhost"};
  if (size == 0) {
    return 0;
  }
  constexpr std::string_view kScopes[] = {"", "cloudtrail", "cloudtrail-data", "iam", "sts", "s3", "unknown"};
  const auto scope = kScopes[data[0] % std::size(kScopes)];
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto head = take_head(text);
  const auto form = reads_form(head) ? text : std::string_view{};
  const auto call = recognise({.head = head, .scope_service = scope, .form = form, .s3_domains = kDomains});
  if (!call) {
    CAIRN_CHECK(encode_refusal(call.error(), head, {"id", "host"}).status >= 200);
    return 0;
  }
  const auto input = decode_request(*call, head, text);
  if (!input) {
    CAIRN_CHECK(!encode_fault({.protocol = call->protocol, .service = call->service}, input.error(), {})
                     .body.empty());
    return 0;
  }
  (void)validate(family_of(call->protocol), *call->operation, *input);
  if (const auto* shape = call->operation->input.shape) {
    (void)record_parameters(*shape, *input, record_policy(*call->service));
  }
  const auto again = encode_request(call->protocol, *call->operation, *input);
  if (again && call->protocol == Protocol::json) {
    const auto second = decode_request(*call, head, again->body);
    CAIRN_CHECK(second.has_value());
    CAIRN_CHECK(boost::json::serialize(*second) == boost::json::serialize(*input));
  }
  return 0;
}
