// The gateway: calls to services that are not ours go to their upstream, and into the trail.
//
// Promise 2, no unrecorded action: before a call that may change something is relayed an intent survives us;
// its outcome is durable before the answer's status line goes out, a read's before its last byte. A call that
// cannot be recorded is not relayed, unless the configuration says so.
//
// Host, path, query and headers arrive byte for byte, so that what the caller signed can be verified
// upstream. Of hop-by-hop fields the connection's own are written anew. Thread-safe: calls run on the loops
// of their sessions.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "access/access.h"
#include "aws/sigv4.h"
#include "base/metrics.h"
#include "capture/capture.h"
#include "front/budget.h"
#include "front/failures.h"
#include "gateway/ledger.h"
#include "gateway/sessions.h"
#include "gateway/trusted.h"
#include "gateway/upstreams.h"
#include "http/http.h"

namespace cairn::gateway {

struct Limits {
  std::size_t held_body_bytes_max = 16U << 20;  // of one body that must be read before it is relayed
  std::uint64_t held_bytes_max = 256ULL << 20;  // of these, all together; beyond it 503
  std::size_t kept_bytes_max = 64U << 10;       // of a body, put aside for the record, each way
  Millis expect_continue{1'000};  // for the upstream's word, where the caller asks before it sends
};

struct Settings {
  std::vector<Upstream> upstreams;
  bool relay_unverified = false;
  std::vector<Network> trusted_proxies{};
  bool closed = true;
  Limits limits{};
};

// All references outlive the gateway.
struct Dependencies {
  const access::Directory& directory;
  LedgerParts ledger;
  std::vector<std::string> own_services;  // signing names
  std::vector<std::string> s3_domains;
  std::function<bool(const std::string&)> is_account;
  std::string first_account;
  const Clock& clock;
  Metrics& metrics;
};

struct Call;

// A call that is an upstream's.
struct Claim {
  Asked asked;
  const Upstream* upstream;
};

class Gateway {
 public:
  Gateway(Settings settings, Dependencies on);
  ~Gateway();

  // Is the request an upstream's? None: it is for the front.
  std::optional<Claim> claim(const codec::RequestHead& head) const;
  // `claim` is of this request.
  Task<http::Response> handle(http::Request& request, Claim claim);

  // Before the first call.
  void start(const async::Executor& executor) {
    executor_ = executor;
    ledger_.start(executor);
  }
  void stop() { ledger_.stop(); }
  // What was under way when the last process ended is in the journal.
  bool caught_up() const { return ledger_.caught_up(); }

 private:
  struct Measures {
    Counter answered;
    Counter refused;
    Counter failed;
    Histogram seconds;
  };
  using Admitted = Result<void, aws::Fault>;

  Task<http::Response> answer(std::shared_ptr<Call> call);
  // caller.cc
  void expect(Call& call) const;
  Task<Admitted> admit(Call& call, const Asked& asked);
  Task<Admitted> admit_v4(Call& call, const aws::sigv4::Authorization& authorization);
  Task<Admitted> admit_v2(Call& call);
  Admitted admit_unverified(Call& call, aws::Fault fault, std::string access_key) const;
  Admitted admit_unsigned(Call& call, const aws::Fault& refused) const;
  Task<Admitted> name_caller(Call& call, access::Key key) const;
  Task<Admitted> name_session(Call& call) const;
  Task<Result<std::optional<access::Key>, aws::Fault>> find_key(Call& call, std::string access_key,
                                                                std::string token) const;
  Task<Result<std::optional<access::Key>, aws::Fault>> own_key(const Call& call, std::string access_key,
                                                               std::string token) const;
  Task<Result<access::Caller, aws::Fault>> own_caller(const Call& call, const access::Key& key) const;
  Result<std::optional<access::Key>, aws::Fault> find_session(Call& call, const std::string& access_key,
                                                              const std::string& token) const;
  Task<Result<std::string, aws::Fault>> payload_hash(Call& call,
                                                     const aws::sigv4::Authorization& authorization);
  Task<Admitted> hold_body(Call& call);
  void recognise(Call& call) const;
  // gateway.cc
  Measures measures_of(const Call& call) const;
  http::Response refuse(const Call& call, const aws::Fault& fault);
  void note_failure(const Call& call, const aws::Fault& fault);
  // relay.cc
  Task<http::Response> relay(std::shared_ptr<Call> call, intents::Ticket ticket);
  Task<http::Response> fail(std::shared_ptr<Call> call, intents::Ticket ticket, Error error);
  Task<http::Response> pass_on(std::shared_ptr<Call> call, intents::Ticket ticket, http::ClientResponse from);
  Task<Result<bool>> read_ahead(Call& call, http::BodySource& from, std::string& begun) const;
  http::Response stream(const std::shared_ptr<Call>& call, http::Response response, std::string begun,
                        std::unique_ptr<http::BodySource> rest);
  Task<Result<void>> settle(std::shared_ptr<Call> call, intents::Ticket ticket,
                            std::optional<capture::Failure> failure);
  Task<Result<void>> settle_read(std::shared_ptr<Call> call, std::optional<capture::Failure> cut);
  Result<http::ClientRequest> request_of(Call& call) const;
  bool asks_sts(const Call& call) const;
  void learn(const Call& call);
  // resign.cc
  Result<void> sign_anew(Call& call, http::ClientRequest& request) const;

  const Settings settings_;
  const Dependencies on_;
  const Upstreams upstreams_;
  Ledger ledger_;
  front::Budget budget_;
  front::Failures failures_;
  aws::sigv4::KeyCache keys_;
  Sessions sessions_;
  std::map<std::string, Measures, std::less<>> measures_;  // by upstream's service
  Counter unknown_callers_;
  std::unique_ptr<http::Client> client_;
  async::Executor executor_;
};

}  // namespace cairn::gateway
