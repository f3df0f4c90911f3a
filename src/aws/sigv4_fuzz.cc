// Any request line and headers: parsing and verifying do no harm, and what we sign we accept, but nobody
// else's.
#include "aws/presigned_headers.h"
#include "aws/sigv2.h"
#include "aws/sigv4.h"

namespace {

using namespace cairn;

// The first line is the target, each further one a header.
codec::RequestHead head_of(std::string_view text) {
  codec::RequestHead head{"GET", std::string(text.substr(0, text.find('\n'))), {}};
  while (text.find('\n') != std::string_view::npos) {
    text.remove_prefix(text.find('\n') + 1);
    const auto line = text.substr(0, text.find('\n'));
    const auto colon = line.find(':');
    const auto name = line.substr(0, std::min(colon, line.size()));
    // As HTTP has it: a name is not empty, nor has it characters that would confuse a list of names.
    if (colon != std::string_view::npos && !name.empty() &&
        name.find_first_of("; ,=") == std::string_view::npos) {
      head.headers.add(std::string(name), std::string(line.substr(colon + 1)));
    }
  }
  return head;
}

bool accepts(const codec::RequestHead& head, std::string_view hash) {
  static aws::sigv4::KeyCache cache(4);
  static const crypto::Secret secret("secret");
  const auto authorization = aws::sigv4::parse_authorization(head);
  return authorization.has_value() &&
         aws::sigv4::verify({head, *authorization, secret, hash, authorization->time}, cache).has_value();
}

bool accepts_v2(const codec::RequestHead& head) {
  static const crypto::Secret secret("secret");
  if (aws::sigv2::signature_in(head) == aws::sigv2::Place::none) {
    return false;
  }
  const auto authorization = aws::sigv2::parse_authorization(head);
  return authorization.has_value() &&
         aws::sigv2::verify({head, *authorization, secret, "bucket", authorization->time}).has_value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto head = head_of({reinterpret_cast<const char*>(data), size});
  CAIRN_CHECK(!accepts(head, "e3b0"));
  CAIRN_CHECK(!accepts_v2(head));
  if (const auto whole = aws::with_headers_of_query(head)) {
    CAIRN_CHECK(whole->headers.size() >= head.headers.size() && whole->target == head.target);
    CAIRN_CHECK(!aws::with_headers_of_query(*whole) ||
                aws::with_headers_of_query(*whole)->headers.size() == whole->headers.size());
  }
  head.headers.set("Host", "localhost");
  head.headers.erase("authorization");
  const aws::sigv4::Credentials credentials{"AKIA", crypto::Secret("secret"), {}};
  const bool s3 = size % 2 == 0;
  if (head.target.find("X-Amz-") == std::string::npos) {
    aws::sigv4::sign_headers(
        head, {credentials, "r", s3 ? "s3" : "sns", Time{Millis{1'772'446'500'000}}, "UNSIGNED-PAYLOAD"});
    CAIRN_CHECK(accepts(head, "UNSIGNED-PAYLOAD"));
    CAIRN_CHECK(!accepts(head, "unsigned-payload"));
  }
  return 0;
}
