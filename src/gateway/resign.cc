// A call signed anew, with a key of the configuration, for an upstream that knows no other. Its host is the
// upstream's, and what the caller signed with is taken out.
#include <algorithm>
#include <array>

#include "codec/base64.h"
#include "codec/uri.h"
#include "crypto/hash.h"
#include "front/payload.h"
#include "gateway/call.h"

namespace cairn::gateway {
namespace {

constexpr std::string_view kAuthority = "://";

// A body in the caller's signed chunks, taken apart: another key cannot sign them.
// The piece that completes it goes on only if all was as he signed it, to the last chunk.
class Unchunked final : public http::BodySource {
 public:
  Unchunked(std::unique_ptr<http::BodySource> from, const aws::ChunkedDecoder::Setup& setup)
      : from_(std::move(from)), size_(setup.decoded_size), decoder_(setup) {}

  Task<Result<std::span<const std::byte>>> read() override {
    data_.clear();
    while (!ended_ && (data_.empty() || given_ + data_.size() == size_)) {
      CAIRN_CO_TRY(const auto piece, co_await from_->read());
      const auto keep = [this](std::span<const std::byte> data) {
        data_.insert(data_.end(), data.begin(), data.end());
      };
      ended_ = piece.empty();
      const auto pushed = ended_ ? decoder_.finish() : decoder_.push(piece, keep);
      if (!pushed) {
        co_return Error{Errc::denied, std::string(kNotAsSigned)};
      }
    }
    given_ += data_.size();
    co_return std::span<const std::byte>(data_);
  }
  std::optional<std::uint64_t> size() const override { return size_; }

 private:
  std::unique_ptr<http::BodySource> from_;
  std::optional<std::uint64_t> size_;
  aws::ChunkedDecoder decoder_;
  std::vector<std::byte> data_;
  std::uint64_t given_ = 0;
  bool ended_ = false;
};

// Of a link: in a request that is signed in a header these names are whatever its caller means by them.
void drop_presigning(codec::RequestHead& head) {
  static constexpr std::array<std::string_view, 10> kSigning{
      "X-Amz-Algorithm",      "X-Amz-Credential", "X-Amz-Date",     "X-Amz-Expires", "X-Amz-SignedHeaders",
      "X-Amz-Security-Token", "X-Amz-Signature",  "AWSAccessKeyId", "Signature",     "Expires"};
  std::string kept;
  std::string_view rest = head.query();
  while (!rest.empty()) {
    const auto pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const auto name = codec::percent_decode(pair.substr(0, pair.find('=')));
    if (!name || std::ranges::find(kSigning, *name) == kSigning.end()) {
      kept += (kept.empty() ? "" : "&") + std::string(pair);
    }
  }
  const std::string path(head.path());
  head.target = kept.empty() ? path : path + "?" + kept;
}

// "gzip,aws-chunked" is "gzip" from here on.
void drop_chunking(codec::RequestHead& head) {
  constexpr std::string_view kChunked = "aws-chunked";
  std::string kept;
  const std::string codings(head.headers.get("content-encoding"));
  for (std::string_view rest = codings; !rest.empty();) {
    const auto coding = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(coding.size() + 1, rest.size()));
    const auto begin = std::min(coding.find_first_not_of(' '), coding.size());
    if (!coding.substr(begin).empty() && !codec::equals_ignore_case(coding.substr(begin), kChunked)) {
      kept += (kept.empty() ? "" : ",") + std::string(coding.substr(begin));
    }
  }
  head.headers.erase("content-encoding");
  if (!kept.empty()) {
    head.headers.set("content-encoding", kept);
  }
}

}  // namespace

Result<void> Gateway::sign_anew(Call& call, http::ClientRequest& request) const {
  const auto& resign = *call.upstream.resign;
  auto& head = request.head;
  std::string hash(head.headers.get("x-amz-content-sha256"));
  if (!head.headers.contains("authorization")) {
    drop_presigning(head);
  }
  for (const auto* name :
       {"authorization", "x-amz-date", "date", "x-amz-security-token", "content-length", "expect",
        "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}) {
    head.headers.erase(name);
  }
  // The upstream has another name, so the bucket that stood in the host goes into the path.
  if (const auto bucket = aws::bucket_in_host(head.headers.get("host"), on_.s3_domains);
      call.is_s3() && !bucket.empty()) {
    head.target = "/" + std::string(bucket) + head.target;
  }
  const auto mark = call.upstream.url.find(kAuthority);
  head.headers.set("Host", call.upstream.url.substr(mark + kAuthority.size()));
  if (call.is_taken_apart()) {
    request.body = std::make_unique<Unchunked>(std::move(request.body), *call.chunks);
    for (const auto* name :
         {"x-amz-decoded-content-length", "x-amz-trailer", "x-amz-sdk-checksum-algorithm"}) {
      head.headers.erase(name);  // a checksum in the trailer was signed with it
    }
    drop_chunking(head);
    hash = aws::sigv4::kUnsignedPayload;
  }
  if (!call.is_s3()) {
    hash = call.holds_body || request.body == nullptr ? codec::hex_encode(crypto::sha256(call.held)) : hash;
  }
  if (hash.empty()) {
    hash = aws::sigv4::kUnsignedPayload;
  }
  const aws::sigv4::Credentials credentials{
      .access_key = resign.access_key, .secret = resign.secret->clone(), .session_token = {}};
  const auto service = call.scope_service.empty() ? call.service : call.scope_service;
  aws::sigv4::sign_headers(head, {.credentials = credentials,
                                  .region = resign.region.empty() ? call.region : resign.region,
                                  .service = service,
                                  .time = call.time,
                                  .payload_hash = hash});
  return {};
}

}  // namespace cairn::gateway
