// The front: one pipeline for every call of every service. Authenticate, authorise, dispatch, record, answer.
//
// Promise 2, no unrecorded action: what an operation changes is committed to the catalog together with the
// call's record (an outbox row); a call that changes nothing, and every refused one, is appended to the
// journal, durable, before its answer goes out. Where neither is possible the caller gets an error.
//
// Thread-safe: calls run on the loops of their sessions.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "access/access.h"
#include "aws/client.h"
#include "aws/recognise.h"
#include "aws/regions.h"
#include "aws/sigv4.h"
#include "base/live.h"
#include "base/metrics.h"
#include "front/budget.h"
#include "front/failures.h"
#include "front/forwarder.h"
#include "front/rates.h"
#include "front/recorder.h"
#include "front/service.h"
#include "http/http.h"
#include "reserve/room.h"

namespace cairn::front {

struct Limits {
  std::size_t body_bytes_max = 4U << 20;  // of operations whose payload does not stream
  std::uint64_t bytes_in_flight_max =
      128U << 20;  // of such bodies, all calls together; beyond it ServiceUnavailable
  std::uint64_t unverified_bytes_max = 64U << 20;   // of these, those whose signature is not checked yet
  std::uint64_t one_address_bytes_max = 32U << 20;  // and of these, those from one address
  std::size_t answer_bytes_small = 64U << 10;  // a larger one is counted while its reader has not got it all
  std::uint64_t answer_bytes_max = 256ULL << 20;  // of these, all together; beyond it ServiceUnavailable
  int commit_attempts_max = 16;                   // of one call, when others keep changing what it read
  int commit_attempts_at_once = 2;                // of these; before each further one it waits up to 128 ms
};

// All references outlive the front.
struct Dependencies {
  catalog::Catalog& catalog;
  const access::Directory& directory;
  Recorder& recorder;
  const Forwarder& forwarder;
  std::vector<std::unique_ptr<Service>> services;
  const Clock& clock;
  Metrics& metrics;
  Limits limits{};
  aws::Regions regions{};  // that calls may be signed for
  // Under which a host's name is a bucket's ("s3.localhost": logs.s3.localhost), beside AWS's own.
  std::vector<std::string> s3_domains{};
  // Service principals may do in their source account what no policy denies (trails.require_bucket_policy:
  // false).
  Live<bool> trust_services = false;
  Rates* rates = nullptr;  // none: no call is throttled
  Live<bool> throttles = true;
  const reserve::Room* room = nullptr;  // none: the disk is never full
  // Failed signatures from one address in a minute; what comes from there then is throttled for the rest of
  // it. 0: any number.
  Live<std::uint64_t> failures_a_minute = std::uint64_t{0};
};

// A call that a service of ours makes in process: for itself, or (`forwarded`) with the permissions of who
// calls it.
struct ServiceCall {
  aws::OnBehalf who;
  const Call* forwarded = nullptr;
  std::string service;  // signing name
  std::string region;
  codec::RequestHead head;
  std::string body;
};

class FormFile;

class Front {
 public:
  struct Exchange;  // front/exchange.h

  explicit Front(Dependencies on);
  ~Front();

  // A request from the network. Not for /_cairn/.
  Task<http::Response> handle(http::Request& request);
  // A service's own call: no socket, no signature.
  Task<http::Response> handle_for(ServiceCall call);

 private:
  Task<http::Response> answer(Exchange& exchange);
  Task<http::Response> answer_preflight_of_bucket(Exchange& exchange, PageRequest page);
  Task<void> show_to_page(PageRequest page, http::Response& response);
  static aws::Fault throttle(Exchange& exchange);
  void note_failure(const Exchange& exchange, const aws::Fault& fault);
  Task<http::Response> answer_upload_form(Exchange& form, std::string boundary);
  Task<Result<void, aws::Fault>> admit_form(Exchange& put, FormFile& form);
  Task<Result<void, aws::Fault>> admit(Exchange& exchange);
  Result<void, aws::Fault> admit_unsigned(Exchange& exchange, const aws::sigv4::Refusal& refusal);
  std::optional<std::string> unsigned_region(const Exchange& exchange) const;
  Task<Result<void, aws::Fault>> admit_sigv2(Exchange& exchange);
  static void expect(Exchange& exchange, std::string_view scope_service);
  Task<Result<void, aws::Fault>> read_unverified(Exchange& exchange);
  Result<void, aws::Fault> recognise(Exchange& exchange, std::string_view scope_service) const;
  Task<Result<std::string, aws::Fault>> signed_payload_hash(Exchange& exchange,
                                                            const aws::sigv4::Authorization& authorization);
  Result<void, aws::Fault> check_scope(const Exchange& exchange,
                                       const aws::sigv4::Authorization& authorization) const;
  Task<Result<access::Key, aws::Fault>> find_key(Exchange& exchange,
                                                 const aws::sigv4::Authorization& authorization);
  Task<Result<access::Key, aws::Fault>> known_key(const Exchange& exchange, std::string access_key,
                                                  std::string security_token);
  Task<Result<void, aws::Fault>> identify(Exchange& exchange, const aws::sigv4::Authorization& authorization,
                                          access::Key key);
  Task<Result<void, aws::Fault>> name_caller(Exchange& exchange);  // of its key, whose signature is right
  Task<http::Response> perform(Exchange& exchange);
  Task<Answer> decide_and_run(Exchange& exchange, Call& call);
  Result<void, aws::Fault> find_room(Exchange& exchange, const Call& call);
  Task<Result<void, aws::Fault>> decode(Exchange& exchange, Call& call);
  Task<Result<void, aws::Fault>> authorise(Exchange& exchange, Call& call);
  Task<Result<void, aws::Fault>> authorise_anew(Exchange& exchange, Call& call);
  Task<Answer> run_and_commit(Exchange& exchange, Call& call);
  Task<Result<void, aws::Fault>> record_only(const Call& call, Exchange& exchange, const aws::Fault* fault,
                                             const Outcome* outcome);
  http::Response respond(Exchange& exchange, Answer answer);
  void count(const Exchange& exchange, http::Response& response);
  http::Response respond_fault(const Exchange& exchange, const aws::Fault& fault);
  Service* service_of(const aws::Service& service) const;

  Dependencies on_;
  Budget budget_;
  Budget answers_;
  std::map<std::string, Service*, std::less<>> by_name_;
  aws::sigv4::KeyCache keys_;
  Failures failures_;
  Counter answered_;
  Counter faulted_;
  Counter refused_;
  Counter failed_;
  Counter throttled_;
  Counter no_room_;
  Histogram seconds_;
};

}  // namespace cairn::front
