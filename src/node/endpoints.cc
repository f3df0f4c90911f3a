// Tested by conformance/test_endpoints.py.
#include "node/endpoints.h"

#include <fmt/format.h>

#include <fstream>

#include "access/access.h"
#include "json/json.h"
#include "remote/remote_client.h"

namespace cairn::node {
namespace {

constexpr std::size_t kSecretBytesMax = 4096;

}  // namespace

Result<crypto::Secret> read_secret(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  crypto::Secret buffer(kSecretBytesMax);
  auto* const bytes = reinterpret_cast<char*>(buffer.writable().data());
  in.read(bytes, static_cast<std::streamsize>(kSecretBytesMax));
  std::string_view text(bytes, static_cast<std::size_t>(in.gcount()));
  text = text.substr(0, text.find_first_of("\r\n"));
  if (text.empty()) {
    return Error{Errc::invalid, "no secret can be read there", file.string()};
  }
  return crypto::Secret(ByteView(text));
}

namespace {

Result<std::unique_ptr<aws::Client>> client_of(const Config::Endpoint& endpoint, const Clock& clock) {
  CAIRN_TRY(auto secret, read_secret(endpoint.secret_file));
  return remote::connect(
      {.url = endpoint.url,
       .region = endpoint.region,
       .credentials = {.access_key = endpoint.access_key, .secret = std::move(secret), .session_token = ""}},
      clock);
}

// By his own policies; the key counts as one of his account's, since nothing else is known of whose it is. A
// service that is ours asks for what a trail says.
bool may_use(const front::Call& from, const std::string& action, const std::string& key,
             const json::object& input) {
  if (from.caller.principal.kind == access::PrincipalKind::service) {
    return true;
  }
  access::Ask ask{.action = action,
                  .resource = key,
                  .resource_account = from.caller.principal.account,
                  .resource_policy = nullptr,
                  .context = {}};
  auto caller = from.caller;
  caller.context.set("aws:ViaAWSService", {"true"});
  caller.context.set("kms:ViaService", {from.service.endpoint_prefix + "." + from.region + ".amazonaws.com"});
  const auto* context = json::find_object(input, "EncryptionContext");
  for (const auto& [name, value] : context != nullptr ? *context : json::object()) {
    ask.context.set("kms:EncryptionContext:" + std::string(name),
                    {std::string(json::text_of(value.get_string()))});
    ask.context.add("kms:EncryptionContextKeys", name);
  }
  return access::decide(caller, ask).allowed;
}

}  // namespace

Result<std::unique_ptr<Endpoints>> Endpoints::open(const Config& config, front::InProcessClient& own,
                                                   const Clock& clock) {
  auto endpoints = std::unique_ptr<Endpoints>(new Endpoints(own));
  for (const auto& [service, endpoint] : config.endpoints.all()) {
    if (endpoint->url.empty()) {
      continue;
    }
    auto client = client_of(*endpoint, clock);
    if (!client) {
      return Error{client.error().code, "endpoints." + std::string(service) + ": " + client.error().what,
                   client.error().subject};
    }
    endpoints->others_.emplace(service, *std::move(client));
  }
  return endpoints;
}

Task<Result<aws::ClientAnswer, aws::Fault>> Endpoints::call(aws::ClientCall call) {
  const auto other = others_.find(call.service);
  aws::Client& client = other != others_.end() ? *other->second : own_;
  co_return co_await client.call(std::move(call));
}

Task<Result<aws::ClientAnswer, aws::Fault>> Endpoints::forward(const front::Call& from,
                                                               front::ForwardedCall call) {
  const auto other = others_.find(call.service);
  if (other == others_.end()) {
    co_return co_await own_.forward(from, std::move(call));
  }
  const auto action = call.service + ":" + call.operation;
  const auto input = call.input;
  aws::ClientCall outside{.service = std::move(call.service),
                          .operation = std::move(call.operation),
                          .region = std::move(call.region),
                          .input = std::move(call.input),
                          .body = {},
                          .on_behalf = {}};
  CAIRN_CO_TRY(auto answer, co_await other->second->call(std::move(outside)));
  const std::string key(json::find_string(answer.output, "KeyId").value_or(""));
  if (key.empty() || !may_use(from, action, key, input)) {
    co_return aws::Fault{"AccessDeniedException", 400,
                         fmt::format("{} is not authorized to perform: {} on resource: {}",
                                     "User: " + from.caller.principal.arn, action, key)};
  }
  co_return answer;
}

}  // namespace cairn::node
