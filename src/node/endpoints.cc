// Tested by conformance/test_endpoints.py.
#include "node/endpoints.h"

#include <fstream>

#include "remote/remote_client.h"

namespace cairn::node {
namespace {

constexpr std::size_t kSecretBytesMax = 4096;

// The first line.
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

Result<std::unique_ptr<aws::Client>> client_of(const Config::Endpoint& endpoint, const Clock& clock) {
  CAIRN_TRY(auto secret, read_secret(endpoint.secret_file));
  return remote::connect({.url = endpoint.url,
                          .region = endpoint.region,
                          .credentials = {.access_key = endpoint.access_key,
                                          .secret = std::move(secret),
                                          .session_token = ""}},
                         clock);
}

}  // namespace

Result<std::unique_ptr<Endpoints>> Endpoints::open(const Config& config, aws::Client& own, const Clock& clock) {
  auto endpoints = std::unique_ptr<Endpoints>(new Endpoints(own));
  if (!config.endpoints.s3.url.empty()) {
    auto client = client_of(config.endpoints.s3, clock);
    if (!client) {
      return Error{client.error().code, "endpoints.s3: " + client.error().what, client.error().subject};
    }
    endpoints->s3_ = *std::move(client);
  }
  return endpoints;
}

Task<Result<aws::ClientAnswer, aws::Fault>> Endpoints::call(aws::ClientCall call) {
  auto& client = s3_ != nullptr && call.service == "s3" ? *s3_ : own_;
  co_return co_await client.call(std::move(call));
}

}  // namespace cairn::node
