// Where a command that is a client of AWS's services finds endpoint, Region and credentials: variables first,
// then profile files, by the names and in the order that the AWS CLI has.
#pragma once

#include <functional>
#include <string>

#include "aws/sigv4.h"
#include "base/result.h"

namespace cairn::node {

struct AwsEnvironment {
  std::string region;  // empty: none is named
  aws::sigv4::Credentials credentials;
  std::string endpoint;     // of every service; empty: AWS's own
  std::string s3_endpoint;  // likewise; the former, if nothing else is said

  // "https://s3.eu-west-1.amazonaws.com", unless an endpoint is named.
  std::string s3_url() const;
  std::string url_of(std::string_view service, std::string_view region) const;
};

using Variables = std::function<std::string(const char* name)>;  // empty: not set
Variables own_variables();

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, else the profile AWS_PROFILE (default) of
// AWS_SHARED_CREDENTIALS_FILE (~/.aws/credentials) and AWS_CONFIG_FILE (~/.aws/config); AWS_REGION,
// AWS_DEFAULT_REGION; AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3. Of a profile: the keys, region and endpoint_url.
// Errc::denied: no credentials.
Result<AwsEnvironment> aws_environment(const Variables& variables);

}  // namespace cairn::node
