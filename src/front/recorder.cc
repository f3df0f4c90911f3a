// Tested by front_test.cc.
#include "front/recorder.h"

#include <map>

#include "aws/record_form.h"
#include "aws/regions.h"
#include "event/entry.h"
#include "event/record.h"
#include "front/forwarding.h"
#include "front/request_facts.h"
#include "json/json.h"

namespace cairn::front {
namespace {

using access::PrincipalKind;

// Of temporary credentials: for whom they were made, and when. Nobody here has a device to confirm who he is.
boost::json::object session_context_of(const access::SessionFacts& session) {
  boost::json::object context;
  if (!session.issuer_type.empty()) {
    boost::json::object issuer;
    issuer["type"] = session.issuer_type;
    issuer["principalId"] = session.issuer_id;
    issuer["arn"] = session.issuer_arn;
    issuer["accountId"] = session.issuer_account;
    if (!session.issuer_name.empty()) {
      issuer["userName"] = session.issuer_name;
    }
    context["sessionIssuer"] = std::move(issuer);
  }
  boost::json::object attributes;
  attributes["creationDate"] = rfc3339(session.issued);
  attributes["mfaAuthenticated"] = "false";
  context["attributes"] = std::move(attributes);
  if (!session.source_identity.empty()) {
    context["sourceIdentity"] = session.source_identity;
  }
  return context;
}

// What the owner of a bucket is told of a caller from another account.
event::Identity foreign(const access::Principal& who) {
  event::Identity identity;
  identity.type = "AWSAccount";
  identity.principal_id = who.id;
  identity.account_id = who.account;
  return identity;
}

bool has_account(const access::Principal& who) {
  return who.kind != PrincipalKind::service && who.kind != PrincipalKind::anonymous;
}

json::value parameters_of(const Call& call) {
  if (call.record.request_parameters) {
    return *call.record.request_parameters;
  }
  if (call.operation.input.shape == nullptr || call.input.empty()) {
    return nullptr;
  }
  return aws::record_parameters(*call.operation.input.shape, call.input, aws::record_policy(call.service));
}

json::value elements_of(const Call& call, bool read_only, const Outcome& outcome) {
  if (call.record.response_elements) {
    return *call.record.response_elements;
  }
  if (read_only || call.operation.output.shape == nullptr || outcome.output.empty()) {
    return nullptr;
  }
  return aws::record_parameters(*call.operation.output.shape, outcome.output,
                                aws::record_policy(call.service));
}

// Records say AccessDenied where JSON services answer AccessDeniedException, and SNS AuthorizationError.
std::string error_code_of(const aws::Fault& fault) {
  return fault.code == "AccessDeniedException" || fault.code == "AuthorizationError" ? "AccessDenied"
                                                                                     : fault.code;
}

std::string user_agent_of(const Call& call, const Origin& origin) {
  if (call.caller.principal.kind == PrincipalKind::service) {
    return call.caller.principal.name;
  }
  if (!call.via.empty()) {
    return std::string(kInternal);
  }
  return call.service.name == "s3" ? "[" + std::string(origin.user_agent) + "]"
                                   : std::string(origin.user_agent);
}

// Calls that came in the clear, and those made in process, have none.
json::object tls_details_of(const Call& call) {
  if (!call.tls) {
    return {};
  }
  return {{"tlsVersion", call.tls->version},
          {"cipherSuite", call.tls->cipher},
          {"clientProvidedHostHeader", call.head.headers.get("Host")}};
}

}  // namespace

event::Identity identity_of(const access::Principal& who) {
  event::Identity identity;
  switch (who.kind) {
    case PrincipalKind::root:
      identity.type = "Root";
      break;
    case PrincipalKind::user:
      identity.type = "IAMUser";
      identity.user_name = who.name;
      break;
    case PrincipalKind::session:
      identity.type = "AssumedRole";
      break;
    case PrincipalKind::federated:
      identity.type = "FederatedUser";
      break;
    case PrincipalKind::service:
      identity.type = "AWSService";
      identity.invoked_by = who.name;
      return identity;
    case PrincipalKind::anonymous:
      identity.type = "AWSAccount";
      identity.principal_id = "";
      identity.account_id = "ANONYMOUS_PRINCIPAL";
      return identity;
  }
  identity.principal_id = who.id;
  identity.arn = who.arn;
  identity.account_id = who.account;
  identity.access_key_id = who.access_key;
  if (who.session != nullptr) {
    identity.session_context = session_context_of(*who.session);
  }
  return identity;
}

std::string record_of(const Call& call, const Origin& origin, const aws::Fault* fault, const Outcome* outcome,
                      const OwnersCopy* copy) {
  const auto what = event::classify(call.service.signing_name, call.operation.name);
  if (!what.recorded) {
    return {};
  }
  event::Record record;
  const auto& who = call.caller.principal;
  record.identity = copy != nullptr && has_account(who) ? foreign(who) : identity_of(who);
  if (has_account(who) && !call.via.empty()) {
    record.identity.invoked_by = kInternal;
  }
  record.time = call.time;
  record.source = event::event_source(call.service.signing_name);
  record.name = event::event_name(call.service.signing_name, call.operation.name);
  record.region = region_of(call);
  record.source_address = call.source_address;
  record.user_agent = user_agent_of(call, origin);
  record.request_parameters = parameters_of(call);
  if (fault != nullptr) {
    record.error_code = call.record.error_code.value_or(error_code_of(*fault));
    record.error_message = fault->message;
  } else {
    record.response_elements = elements_of(call, what.read_only, *outcome);
  }
  record.additional = call.record.additional;
  record.request_id = call.request_id;
  record.event_id = copy != nullptr ? std::string(copy->event_id) : call.event_id;
  record.shared_event_id = origin.shared_event_id;
  record.read_only = what.read_only;
  record.resources = call.record.resources;
  record.category = what.category;
  record.recipient_account = copy != nullptr ? std::string(copy->account) : call.account;
  record.tls_details = tls_details_of(call);
  return event::to_json(record);
}

Task<Result<void>> Recorder::append(std::vector<Written> records) {
  std::map<journal::Partition, std::vector<std::string>> by_partition;
  for (const auto& record : records) {
    by_partition[journal_.partition_of(record.account)].push_back(
        event::encode_entry(event::Kind::record, 0, record.json));
  }
  bool some_are_there = false;
  for (const auto& [partition, payloads] : by_partition) {
    auto appended = co_await journal_.append(partition, payloads);
    if (!appended) {
      auto error = std::move(appended).error();
      error.code = some_are_there ? Errc::unknown : error.code;
      co_return error;
    }
    some_are_there = true;
  }
  co_return Result<void>{};
}

}  // namespace cairn::front
