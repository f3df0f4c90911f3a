// Policies are foreign text. Whatever parses must be judged without harm, a second parse must judge alike,
// and so must the plain evaluator of the tests.
#include <cstdlib>

#include "access/naive_decision_testing.h"
#include "access/policy.h"
#include "access/statement_positions.h"

using namespace cairn::access;

namespace {

// Short enough for an evaluator that tries everything.
constexpr std::size_t kNaiveBytesMax = 2000;

naive::Says said(Verdict verdict) {
  return static_cast<naive::Says>(static_cast<int>(verdict));  // the same five, in the same order
}

void compare(const Policy& policy, const Question& question) {
  boost::system::error_code failed;
  const auto document = boost::json::parse(policy.text(), failed);
  if (failed || policy.text().size() > kNaiveBytesMax) {
    return;
  }
  naive::Request request{
      question.principal, std::string(question.action), std::string(question.resource), {}};
  for (const auto& key : question.context.keys()) {
    request.keys[naive::lower(key)] = *question.context.find(key);
  }
  if (naive::says(document, request) != said(policy.evaluate(question))) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Context context = {
      {"aws:username", "ann"}, {"aws:SourceIp", "203.0.113.7"}, {"aws:EpochTime", "1772446500"}};
  const Principal user{.kind = PrincipalKind::user,
                       .account = "111122223333",
                       .arn = "arn:aws:iam::111122223333:user/ann",
                       .id = "AIDAAAAAAAAAAAAAAAAAA",
                       .name = "ann",
                       .access_key = {}};
  for (const auto kind : {PolicyKind::identity, PolicyKind::resource}) {
    const auto policy = Policy::parse(text, kind);
    if (!policy) {
      continue;
    }
    if (statement_positions(text).empty() && text.find('\\') == std::string_view::npos) {
      std::abort();
    }
    const auto again = Policy::parse((*policy)->text(), kind);
    for (const auto* resource : {"*", "arn:aws:s3:::bucket/some/key"}) {
      const Question question{user, "s3:GetObject", resource, context};
      if (!again || (*policy)->evaluate(question) != (*again)->evaluate(question)) {
        std::abort();
      }
      compare(**policy, question);
    }
  }
  statement_positions(text);
  return 0;
}
