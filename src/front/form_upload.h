// A form that uploads to S3 (POST Object), as the PutObject that it stands for. Inside front/ only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/sigv4.h"
#include "codec/form_data.h"
#include "front/payload.h"
#include "front/post_policy.h"

namespace cairn::front {

// The file in a form, as a body: the fields are read first, the bytes as they are asked for.
class FormFile final : public Payload {
 public:
  FormFile(http::BodySource& body, std::string_view boundary) : body_(body), form_(boundary) {}

  // Up to the file. MalformedPOSTRequest, MaxPostPreDataLengthExceeded, InvalidArgument (no file).
  Task<Result<void, aws::Fault>> read_fields();
  // REQUIRES: read_fields().
  const FormFields& fields() const { return form_.fields(); }
  const std::string& file_name() const { return form_.file_name(); }
  void set_rules(PostRules rules) { rules_ = rules; }

  Task<Result<std::span<const std::byte>>> read() override;
  std::optional<std::uint64_t> size() const override { return std::nullopt; }
  const codec::Headers& trailers() const override { return trailers_; }
  // EntityTooLarge, EntityTooSmall: not what the policy allows.
  std::optional<aws::Fault> fault(aws::Family family) const override;

 private:
  Result<void> take(std::span<const std::byte> bytes);

  http::BodySource& body_;
  codec::FormData form_;
  PostRules rules_;
  std::string waiting_;  // of the file, read but not asked for yet
  std::string handed_;
  std::uint64_t bytes_ = 0;
  std::optional<aws::Fault> fault_;
  const codec::Headers trailers_;
};

// The boundary, if the request is such a form: posted to a bucket, and not signed otherwise.
std::optional<std::string> form_upload_boundary(const codec::RequestHead& head);

// The PutObject's head: key, headers and metadata from the fields. InvalidArgument, NotImplemented.
Result<codec::RequestHead, aws::Fault> put_of_form(const codec::RequestHead& head, const FormFile& form);

// The key that the form's fields name, its file's name put in.
std::string key_of_form(const FormFile& form);

// Who signed the form's policy, as they say. Nothing: nobody did.
Result<std::optional<aws::sigv4::Authorization>, aws::sigv4::Refusal> signer_of_form(const FormFields& fields);
bool is_signed_by(std::string_view policy_base64, const aws::sigv4::Authorization& authorization,
                  const crypto::Secret& secret);

// What the form's sender is told: 204, or what success_action_status or success_action_redirect ask for.
// `tls`: it came over a connection that is.
void answer_form(const FormFields& fields, const codec::RequestHead& put, bool tls, std::string_view bucket,
                 std::string_view key, http::Response& response);

}  // namespace cairn::front
