// Tested by capture_test.cc.
#include "capture/capture.h"

#include <algorithm>

#include "aws/protocol.h"
#include "aws/record_form.h"
#include "capture/answer.h"
#include "capture/ec2_form.h"
#include "capture/naming.h"
#include "capture/resources.h"
#include "capture/s3_form.h"
#include "codec/gzip.h"
#include "json/json.h"

namespace cairn::capture {
namespace {

using boost::json::object;
using boost::json::value;

bool is_s3(const Subject& subject) {
  return subject.call != nullptr && subject.call->service->name == "s3";
}

bool is_ec2(const aws::Recognised& call) {
  return call.protocol == aws::Protocol::ec2;
}

// What a record says where something is too large to be in it (event::to_json says it likewise).
value omitted(std::string_view member, std::uint64_t size) {
  return object{{"omitted", true}, {"originalSize", size}, {"reason", std::string(member) + " too large"}};
}

bool has_body_members(const aws::Operation& operation) {
  const auto* shape = operation.input.shape;
  return shape != nullptr && operation.streaming_input() == nullptr &&
         std::ranges::any_of(shape->members, [](const auto& m) { return m.location == aws::Location::body; });
}

// A body that was packed for the way.
std::string unpacked(const codec::Headers& headers, const Part& part) {
  if (headers.get("Content-Encoding").find("gzip") != std::string_view::npos) {
    if (auto plain = codec::gzip_decompress(part.bytes, kPartBytesMax)) {
      return *std::move(plain);
    }
  }
  return std::string(part.bytes);
}

// The input, or nothing if there is none that can be read.
std::optional<object> input_of(const aws::Recognised& call, const Wire& wire) {
  const auto& operation = *call.operation;
  if (operation.input.shape == nullptr) {
    return std::nullopt;
  }
  const bool streams = operation.streaming_input() != nullptr;
  const auto body = streams ? std::string() : unpacked(wire.request.headers, wire.request_body);
  auto input = aws::decode_request(call, wire.request, body);
  return input ? std::optional(*std::move(input)) : std::nullopt;
}

bool is_cut(const aws::Recognised& call, const Wire& wire) {
  return !wire.request_body.whole && has_body_members(*call.operation);
}

// API Gateway's: what is in the body stands under the name of its input, {"createStageInput":{…}}.
void nest_body(const aws::Operation& operation, object& parameters) {
  object body;
  for (const auto& member : operation.input.shape->members) {
    const auto name = aws::lower_first(member.name);
    if (auto* found = parameters.if_contains(name);
        found != nullptr && member.location == aws::Location::body) {
      body.emplace(name, std::move(*found));
      parameters.stable_erase(parameters.find(name));
    }
  }
  if (!body.empty()) {
    parameters[aws::lower_first(operation.name) + "Input"] = std::move(body);
  }
  parameters["template"] = false;
}

// S3 Control's: the host, and no account, which is in it; what was in the query is text.
void add_host(const aws::Operation& operation, const Wire& wire, object& parameters) {
  for (const auto& member : operation.input.shape->members) {
    auto* found = parameters.if_contains(aws::lower_first(member.name));
    if (member.location == aws::Location::querystring && found != nullptr && !found->is_string()) {
      *found = boost::json::string(json::serialize(*found));
    }
  }
  if (auto* account = parameters.find("accountId"); account != parameters.end()) {
    parameters.stable_erase(account);
  }
  parameters["Host"] = wire.request.headers.get("Host");
}

value plain_parameters(const aws::Recognised& call, const Wire& wire, const object& input) {
  auto shown = aws::record_parameters(*call.operation->input.shape, input, aws::record_policy(*call.service));
  const bool nests = call.service->name == "apigateway";
  if (!nests && call.service->name != "s3control") {
    return shown;
  }
  object parameters = shown.is_object() ? std::move(shown.get_object()) : object();
  nests ? nest_body(*call.operation, parameters) : add_host(*call.operation, wire, parameters);
  return parameters;
}

value request_parameters(const aws::Recognised& call, const Wire& wire, const std::optional<object>& input) {
  if (is_cut(call, wire)) {
    return omitted("requestParameters", wire.bytes_in);
  }
  if (!input) {
    return nullptr;
  }
  return is_ec2(call) ? ec2_parameters(*call.operation, *input) : plain_parameters(call, wire, *input);
}

// The only member of an answer that stands for the whole: RDS and its kin record {"dBInstanceIdentifier":…},
// not {"dBInstance":{…}}.
const aws::Member* wrapper_of(const aws::Operation& operation) {
  constexpr std::string_view kUnwrapped[] = {"elasticache", "rds", "redshift"};
  const auto& members = operation.output.shape->members;
  const bool unwraps = std::ranges::find(kUnwrapped, operation.service->signing_name) != std::end(kUnwrapped);
  return unwraps && members.size() == 1 && members.front().shape->is_structure() ? &members.front() : nullptr;
}

value response_elements(const aws::Recognised& call, const Wire& wire, const AnswerFacts& answer) {
  const auto& operation = *call.operation;
  if (!wire.response_body.whole && operation.streaming_output() == nullptr) {
    return omitted("responseElements", wire.bytes_out);
  }
  if (is_ec2(call)) {
    return ec2_elements(
        operation, {.output = answer.output, .request_id = answer.request_id, .succeeded = answer.says_true});
  }
  if (operation.output.shape == nullptr) {
    return nullptr;
  }
  const auto policy = aws::record_policy(*call.service);
  if (const auto* wrapper = wrapper_of(operation)) {
    const auto* inner = json::find_object(answer.output, wrapper->name);
    return inner == nullptr ? value(nullptr) : aws::record_parameters(*wrapper->shape, *inner, policy);
  }
  return aws::record_parameters(*operation.output.shape, answer.output, policy);
}

void add_all(object& to, const object& from) {
  for (const auto& [key, member] : from) {
    to.insert_or_assign(key, member);
  }
}

// What is known of a call that nothing here recognises.
object unrecognised_parameters(const codec::RequestHead& head) {
  return {{"method", head.method.substr(0, kNameBytesMax)}, {"path", head.path().substr(0, kPathBytesMax)}};
}

S3Call s3_call(const aws::Recognised& call, const Wire& wire, event::Category category) {
  const bool streams = call.operation->streaming_input() != nullptr;
  return {.operation = call.operation->name,
          .category = category,
          .names = {call.bucket(), call.key()},
          .head = wire.request,
          .document = streams || !wire.request_body.whole ? std::string_view() : wire.request_body.bytes};
}

void describe_s3(const aws::Recognised& call, const Wire& wire, const Circumstances& facts,
                 event::Record& record) {
  const auto shown = s3_call(call, wire, record.category);
  record.user_agent = "[" + record.user_agent + "]";
  record.request_parameters = s3_parameters(shown);
  const auto host_id =
      wire.response == nullptr ? std::string_view{} : wire.response->headers.get("x-amz-id-2");
  record.additional = s3_additional(wire.request, {.tls_cipher = facts.tls_cipher,
                                                   .host_id = host_id,
                                                   .bytes_in = wire.bytes_in,
                                                   .bytes_out = wire.bytes_out});
  if (wire.response != nullptr && !record.read_only) {
    note_s3_encryption(wire.request.headers, wire.response->headers, record.additional);
  }
  if (!shown.names.bucket.empty()) {
    const auto arn = "arn:aws:s3:::" + std::string(shown.names.bucket);
    record.resources = s3_resources(shown.names, record.category, arn, facts.account);
  }
}

// Fills in what the answer says; what it gave out, by the model's names.
object describe_answer(const Subject& subject, const Wire& wire, event::Record& record) {
  if (wire.response == nullptr) {
    return {};
  }
  const auto body = unpacked(wire.response->headers, wire.response_body);
  record.request_id = request_id_of(*wire.response, body, std::move(record.request_id));
  auto answer = answer_of(subject, *wire.response, body);
  answer.request_id = record.request_id;
  if (!answer.error_code.empty()) {
    record.error_code = answer.error_code;
    record.error_message = answer.error_message;
  } else if (subject.call != nullptr && shows_elements(subject, record.read_only)) {
    record.response_elements =
        is_s3(subject) ? s3_elements(wire.response->headers) : response_elements(*subject.call, wire, answer);
  }
  return std::move(answer.output);
}

void describe_call(const Subject& subject, const Wire& wire, const Circumstances& facts,
                   event::Record& record) {
  const auto& call = *subject.call;
  if (is_s3(subject)) {
    describe_s3(call, wire, facts, record);
    describe_answer(subject, wire, record);
    return;
  }
  const auto input = is_cut(call, wire) ? std::nullopt : input_of(call, wire);
  record.request_parameters = request_parameters(call, wire, input);
  const auto output = describe_answer(subject, wire, record);
  const object kNothing;
  record.resources = resources_of({.operation = *call.operation,
                                   .input = input ? *input : kNothing,
                                   .output = output,
                                   .region = facts.region,
                                   .account = facts.account});
}

}  // namespace

bool is_read_only(const Subject& subject, const codec::RequestHead& request, std::string_view form) {
  return call_name(subject, request, form).read_only;
}

event::Record record_of(const Subject& subject, const Wire& wire, const Circumstances& facts) {
  const auto name = call_name(subject, wire.request,
                              aws::reads_form(wire.request) ? wire.request_body.bytes : std::string_view{});
  event::Record record;
  record.identity = facts.identity;
  record.time = facts.time;
  record.source = name.source;
  record.name = name.name;
  record.region = facts.region;
  record.source_address = facts.source_address;
  record.user_agent = wire.request.headers.get("User-Agent");
  record.request_id = facts.request_id;
  record.event_id = facts.event_id;
  record.read_only = name.read_only;
  record.category = name.category;
  record.recipient_account = facts.account;
  record.api_version = subject.call == nullptr ? "" : event::api_version(*subject.call->service);
  if (subject.call != nullptr) {
    describe_call(subject, wire, facts, record);
  } else {
    record.request_parameters = unrecognised_parameters(wire.request);
    record.additional["unrecognised"] = subject.refusal == nullptr ? "" : subject.refusal->fault.message;
    describe_answer(subject, wire, record);
  }
  if (facts.failure) {
    record.error_code = facts.failure->code;
    record.error_message = facts.failure->message;
    record.response_elements = nullptr;
  }
  add_all(record.additional, facts.additional);
  if (!facts.tls_version.empty()) {
    record.tls_details = {{"tlsVersion", facts.tls_version},
                          {"cipherSuite", facts.tls_cipher},
                          {"clientProvidedHostHeader", wire.request.headers.get("Host")}};
  }
  return record;
}

}  // namespace cairn::capture
