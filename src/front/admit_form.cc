// A form that uploads to S3, admitted by the signature of its policy and then performed as the PutObject that
// it is: asked, recorded and answered as one. Nothing that is refused before its signer is known is recorded.
#include "codec/base64.h"
#include "front/exchange.h"
#include "front/form_upload.h"

namespace cairn::front {

Task<http::Response> Front::answer_upload_form(Exchange& form, std::string boundary) {
  expect(form, "s3");
  auto file = std::make_unique<FormFile>(form.body, boundary);
  if (auto read = co_await file->read_fields(); !read) {
    refused_.add();
    co_return respond_fault(form, read.error());
  }
  const auto fields = file->fields();
  const auto put = put_of_form(form.head, *file);
  if (!put) {
    refused_.add();
    co_return respond_fault(form, put.error());
  }
  Exchange exchange{.head = *put,
                    .body = form.body,
                    .source_address = form.source_address,
                    .request_id = form.request_id,
                    .time = form.time,
                    .tls = form.tls,
                    .is_form = true};
  expect(exchange, "s3");
  if (auto admitted = co_await admit_form(exchange, *file); !admitted) {
    refused_.add();
    if (!exchange.key) {  // a policy that does not hold is its signer's affair
      note_failure(exchange, admitted.error());
    }
    co_return respond_fault(exchange, admitted.error());
  }
  exchange.payload = std::move(file);
  const std::string bucket(exchange.recognised.bucket());
  const std::string key(exchange.recognised.key());
  auto response = co_await perform(exchange);
  if (response.status == 200) {
    answer_form(fields, *put, form.tls.has_value(), bucket, key, response);
  }
  co_return response;
}

Task<Result<void, aws::Fault>> Front::admit_form(Exchange& put, FormFile& form) {
  CAIRN_CO_TRY_VOID(recognise(put, "s3"));
  if (put.recognised.operation->name != "PutObject") {
    co_return aws::Fault{"MethodNotAllowed", 405,
                         "The specified method is not allowed against this resource."};
  }
  // A form goes to a bucket. The policy says what the key may be, so none may come from the path.
  if (put.recognised.key() != key_of_form(form)) {
    co_return aws::Fault{"MethodNotAllowed", 405,
                         "The specified method is not allowed against this resource."};
  }
  const auto signer = signer_of_form(form.fields());
  if (!signer) {
    co_return aws::sigv4::to_fault(aws::Family::s3, signer.error());
  }
  if (!*signer) {
    put.region = aws::kGlobalRegion;  // nobody's call, which the bucket's policy may allow
    co_return Result<void, aws::Fault>{};
  }
  const auto& authorization = **signer;
  CAIRN_CO_TRY(auto key, co_await find_key(put, authorization));
  const std::string policy(*form_field(form.fields(), "policy"));
  if (!is_signed_by(policy, authorization, key.secret)) {
    co_return aws::fault::invalid_signature(aws::Family::s3);
  }
  put.key = std::move(key);
  put.signature = {.where = Signed::Where::form, .time = authorization.time};
  const auto document = codec::base64_decode(policy);
  CAIRN_CO_TRY(const auto rules, check_post_policy(document ? *document : std::string(), form.fields(),
                                                   put.recognised.bucket(), put.time));
  form.set_rules(rules);
  CAIRN_CO_TRY_VOID(co_await name_caller(put));
  put.region = authorization.scope.region;
  co_return Result<void, aws::Fault>{};
}

}  // namespace cairn::front
