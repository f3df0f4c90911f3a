// Who makes a call of Cairn's own (below /_cairn/), and may they? Such a call is signed for service "cairn",
// and its permissions are actions cairn:…, which policies allow and deny as any other.
#pragma once

#include <optional>
#include <string>

#include "access/access.h"
#include "aws/sigv4.h"
#include "base/result.h"
#include "base/time.h"
#include "http/http.h"

namespace cairn::front {

// What the answer to a refused call says.
struct OwnRefusal {
  static constexpr int kUnavailable = 503;  // to be tried again

  int status = 400;
  std::string reason;
  std::optional<std::size_t> index{};  // of the element that is wrong, if one is
};
// {"reason": "…"}, and the index.
http::Response refuse(const OwnRefusal& refused);

// Thread-safe. All references outlive it.
class OwnCalls {
 public:
  struct Signer {
    aws::sigv4::Authorization authorization;
    access::Key key;
  };
  // Whose signature is right.
  struct Caller {
    access::Caller who;
    access::Ask ask;  // the request's conditions; without an action

    const std::string& account() const { return who.principal.account; }
  };

  OwnCalls(const access::Directory& directory, const Clock& clock) : directory_(directory), clock_(clock) {}

  // By the head alone: somebody whom nobody knows is sent away before his body is read.
  Task<Result<Signer, OwnRefusal>> find_signer(const codec::RequestHead& head);
  Task<Result<Caller, OwnRefusal>> identify(const http::Request& request, const Signer& signer,
                                            std::string_view body);
  // On every resource of the caller's account: "cairn:PutRecords".
  static access::Decision decide(const Caller& caller, std::string_view action);
  static Result<void, OwnRefusal> permit(const Caller& caller, std::string_view action);

 private:
  const access::Directory& directory_;
  const Clock& clock_;
  aws::sigv4::KeyCache keys_;
};

}  // namespace cairn::front
