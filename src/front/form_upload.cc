// Tested by form_upload_test.cc.
#include "front/form_upload.h"

#include <algorithm>
#include <set>

#include "aws/xml.h"
#include "codec/base64.h"
#include "codec/uri.h"
#include "crypto/hash.h"

namespace cairn::front {
namespace {

// Fields that are headers of a PutObject, beside those that begin with x-amz-.
constexpr std::pair<std::string_view, std::string_view> kHeaders[] = {
    {"acl", "x-amz-acl"},
    {"cache-control", "Cache-Control"},
    {"content-disposition", "Content-Disposition"},
    {"content-encoding", "Content-Encoding"},
    {"content-type", "Content-Type"},
    {"expires", "Expires"}};
constexpr std::string_view kOfSignature[] = {"x-amz-algorithm", "x-amz-credential", "x-amz-date",
                                             "x-amz-signature", "x-amz-security-token"};
constexpr std::string_view kNameMarks = "-_.";
constexpr std::string_view kFileName = "${filename}";

aws::Fault invalid(std::string message) {
  return {"InvalidArgument", 400, std::move(message)};
}

aws::Fault malformed() {
  return {"MalformedPOSTRequest", 400,
          "The body of your POST request is not well-formed multipart/form-data."};
}

// Browsers of old send whole paths.
std::string_view last_name(std::string_view path) {
  const auto slash = path.find_last_of("/\\");
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string key_of(const FormFile& form, std::string_view field) {
  std::string key(field);
  if (const auto at = key.find(kFileName); at != std::string::npos) {
    key.replace(at, kFileName.size(), last_name(form.file_name()));
  }
  return key;
}

const std::string* repeated_field(const FormFields& fields) {
  std::set<std::string> seen;
  for (const auto& [name, value] : fields) {
    if (!seen.insert(codec::lower(name)).second) {
      return &name;
    }
  }
  return nullptr;
}

bool is_header_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != 0x7F; });
}

bool is_header_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kNameMarks.find(c) != std::string_view::npos;
  });
}

// The header that a field becomes; nothing: none.
std::optional<std::string> header_of(std::string_view name) {
  const auto lowered = codec::lower(name);
  for (const auto& [field, header] : kHeaders) {
    if (field == lowered) {
      return std::string(header);
    }
  }
  const bool of_signature = std::ranges::find(kOfSignature, lowered) != std::end(kOfSignature);
  return lowered.starts_with("x-amz-") && !of_signature ? std::optional(lowered) : std::nullopt;
}

std::string post_response(std::string_view location, std::string_view bucket, std::string_view key,
                          std::string_view etag) {
  aws::XmlWriter writer(true);
  writer.open("PostResponse");
  writer.element("Location", location);
  writer.element("Bucket", bucket);
  writer.element("Key", key);
  writer.element("ETag", etag);
  writer.close("PostResponse");
  return writer.take();
}

}  // namespace

Task<Result<void, aws::Fault>> FormFile::read_fields() {
  while (!form_.in_file()) {
    const auto piece = co_await body_.read();
    if (!piece) {
      co_return aws::to_fault(aws::Family::s3, piece.error());
    }
    if (piece->empty()) {
      co_return form_.finish() ? malformed()
                               : invalid("POST requires exactly one file upload per request.");
    }
    if (const auto taken = take(*piece); !taken) {
      co_return taken.error().code == Errc::limit
          ? aws::Fault{"MaxPostPreDataLengthExceeded", 400,
                       "Your POST request fields preceding the upload file were too large."}
          : malformed();
    }
  }
  co_return Result<void, aws::Fault>{};
}

Result<void> FormFile::take(std::span<const std::byte> bytes) {
  return form_.push(bytes, [this](std::span<const std::byte> file) {
    waiting_.append(reinterpret_cast<const char*>(file.data()), file.size());
  });
}

Task<Result<std::span<const std::byte>>> FormFile::read() {
  while (waiting_.empty()) {
    CAIRN_CO_TRY(const auto piece, co_await body_.read());
    if (piece.empty()) {
      break;
    }
    CAIRN_CO_TRY_VOID(take(piece));
  }
  handed_ = std::exchange(waiting_, {});
  bytes_ += handed_.size();
  if (rules_.bytes_max && bytes_ > *rules_.bytes_max) {
    fault_ = aws::Fault{"EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size"}
                 .with("ProposedSize", std::to_string(bytes_))
                 .with("MaxSizeAllowed", std::to_string(*rules_.bytes_max));
    co_return Error{Errc::limit, "the policy allows less"};
  }
  if (handed_.empty()) {
    CAIRN_CO_TRY_VOID(form_.finish());
    if (bytes_ < rules_.bytes_min) {
      fault_ = aws::Fault{"EntityTooSmall", 400, "Your proposed upload is smaller than the minimum allowed size"}
                   .with("ProposedSize", std::to_string(bytes_))
                   .with("MinSizeAllowed", std::to_string(rules_.bytes_min));
      co_return Error{Errc::invalid, "the policy wants more"};
    }
  }
  co_return std::as_bytes(std::span(handed_));
}

std::optional<aws::Fault> FormFile::fault(aws::Family) const {
  return fault_;
}

std::optional<std::string> form_upload_boundary(const codec::RequestHead& head) {
  const bool plain = head.method == "POST" && head.query().empty() && !head.headers.contains("Authorization") &&
                     !head.headers.contains("X-Amz-Target");
  return plain ? codec::form_boundary(head.headers.get("Content-Type")) : std::nullopt;
}

std::string key_of_form(const FormFile& form) {
  return key_of(form, form_field(form.fields(), "key").value_or(""));
}

Result<codec::RequestHead, aws::Fault> put_of_form(const codec::RequestHead& head, const FormFile& form) {
  // The policy would be asked about one of them, and another be used.
  if (const auto* repeated = repeated_field(form.fields())) {
    return invalid("POST requires exactly one value for each field: " + *repeated);
  }
  const auto key = form_field(form.fields(), "key");
  if (!key) {
    return invalid("Bucket POST must contain a field named 'key'.  If it is specified, please check the order "
                   "of the fields.");
  }
  codec::RequestHead put{.method = "PUT", .target = std::string(head.path()), .headers = {}};
  if (!put.target.ends_with('/')) {
    put.target += '/';
  }
  put.target += codec::percent_encode(key_of(form, *key), true);
  for (const auto* kept : {"Host", "User-Agent", "Origin", "Referer"}) {
    if (const auto value = head.headers.find(kept)) {
      put.headers.add(kept, std::string(*value));
    }
  }
  for (const auto& [name, value] : form.fields()) {
    if (codec::equals_ignore_case(name, "tagging")) {
      return aws::Fault{"NotImplemented", 501,
                        "A header you provided implies functionality that is not implemented: tagging"};
    }
    const auto header = header_of(name);
    if (!header) {
      continue;
    }
    if (!is_header_text(value) || !is_header_name(*header)) {
      return malformed();
    }
    put.headers.set(*header, value);
  }
  return put;
}

Result<std::optional<aws::sigv4::Authorization>, aws::sigv4::Refusal> signer_of_form(
    const FormFields& fields) {
  if (!form_field(fields, "policy")) {
    return std::optional<aws::sigv4::Authorization>();
  }
  // As a presigned query would say it.
  codec::RequestHead head{.method = "POST", .target = "/?X-Amz-SignedHeaders=host", .headers = {}};
  for (const auto name : kOfSignature) {
    const auto value = form_field(fields, name);
    constexpr std::pair<std::string_view, std::string_view> kNames[] = {
        {"x-amz-algorithm", "X-Amz-Algorithm"},
        {"x-amz-credential", "X-Amz-Credential"},
        {"x-amz-date", "X-Amz-Date"},
        {"x-amz-signature", "X-Amz-Signature"},
        {"x-amz-security-token", "X-Amz-Security-Token"}};
    const auto* shown = std::ranges::find(kNames, name, &std::pair<std::string_view, std::string_view>::first);
    if (value) {
      head.target += "&" + std::string(shown->second) + "=" + codec::percent_encode(*value);
    }
  }
  CAIRN_TRY(auto authorization, aws::sigv4::parse_authorization(head));
  return std::optional(std::move(authorization));
}

bool is_signed_by(std::string_view policy_base64, const aws::sigv4::Authorization& authorization,
                  const crypto::Secret& secret) {
  const auto key = aws::sigv4::signing_key(secret, authorization.scope);
  const auto expected = codec::hex_encode(crypto::hmac_sha256(key.bytes(), policy_base64));
  return crypto::constant_time_equal(expected, authorization.signature);
}

void answer_form(const FormFields& fields, const codec::RequestHead& put, bool tls, std::string_view bucket,
                 std::string_view key, http::Response& response) {
  const std::string etag(response.headers.get("ETag"));
  const auto location =
      (tls ? "https://" : "http://") + std::string(put.headers.get("Host")) + std::string(put.path());
  response.headers.set("Location", location);
  response.status = 204;
  if (const auto url = form_field(fields, "success_action_redirect"); url && is_header_text(*url)) {
    const bool more = url->find('?') != std::string_view::npos;
    response.headers.set("Location", std::string(*url) + (more ? "&" : "?") +
                                         "bucket=" + codec::percent_encode(bucket) +
                                         "&key=" + codec::percent_encode(key) +
                                         "&etag=" + codec::percent_encode(etag));
    response.status = 303;
    return;
  }
  const auto wanted = form_field(fields, "success_action_status");
  if (wanted == "200") {
    response.status = 200;
  } else if (wanted == "201") {
    response.status = 201;
    response.headers.set("Content-Type", "application/xml");
    response.body = post_response(location, bucket, key, etag);
  }
}

}  // namespace cairn::front
