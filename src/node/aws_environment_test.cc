// Where endpoint, Region and credentials come from: rows of variables and profile files.
#include "node/aws_environment.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace cairn::node {
namespace {

class AwsEnvironmentTest : public testing::Test {
 protected:
  AwsEnvironmentTest() {
    std::filesystem::create_directories(home_ / ".aws");
    variables_["HOME"] = home_.string();
  }
  ~AwsEnvironmentTest() override { std::filesystem::remove_all(home_); }

  void write(const char* name, std::string_view text) { std::ofstream(home_ / ".aws" / name) << text; }
  Result<AwsEnvironment> read() {
    return aws_environment([this](const char* name) { return variables_[name]; });
  }
  static std::string shown(const AwsEnvironment& found) {
    return found.credentials.access_key + " " +
           std::string(ByteView(found.credentials.secret.bytes()).text()) + " " +
           found.credentials.session_token + " " + found.region;
  }

  const std::filesystem::path home_ = std::filesystem::path(testing::TempDir()) / "aws_environment";
  std::map<std::string, std::string> variables_;
};

TEST_F(AwsEnvironmentTest, nothing_is_there) {
  ASSERT_FALSE(read().has_value());
  EXPECT_EQ(read().error().code, Errc::denied);
}

TEST_F(AwsEnvironmentTest, variables_count_first) {
  write("credentials",
        "[default]\naws_access_key_id = FILE\naws_secret_access_key = s\naws_session_token = t\n");
  EXPECT_EQ(shown(read().value()), "FILE s t ");
  variables_["AWS_ACCESS_KEY_ID"] = "OWN";
  EXPECT_EQ(shown(read().value()), "FILE s t ") << "half a key is none";
  variables_["AWS_SECRET_ACCESS_KEY"] = "x";
  variables_["AWS_REGION"] = "eu-west-1";
  EXPECT_EQ(shown(read().value()), "OWN x  eu-west-1");
}

TEST_F(AwsEnvironmentTest, profiles_in_both_files) {
  write(
      "credentials",
      "# mine\n[default]\naws_access_key_id=A\naws_secret_access_key=a\n\n[other]\n aws_session_token = no\n"
      "aws_access_key_id =  B \naws_secret_access_key = b=\r\n");
  write(
      "config",
      "[default]\nregion = us-east-1\n[profile other]\nregion = eu-west-2\ns3 =\n  endpoint_url = http://no\n"
      "endpoint_url = http://127.0.0.1:1\n");
  EXPECT_EQ(shown(read().value()), "A a  us-east-1");
  EXPECT_EQ(read()->s3_url(), "https://s3.us-east-1.amazonaws.com");
  EXPECT_EQ(read()->url_of("cloudtrail", "eu-west-1"), "https://cloudtrail.eu-west-1.amazonaws.com");
  variables_["AWS_PROFILE"] = "other";
  EXPECT_EQ(shown(read().value()), "B b=  eu-west-2");
  EXPECT_EQ(read()->s3_url(), "http://127.0.0.1:1");
  variables_["AWS_ENDPOINT_URL"] = "http://127.0.0.1:2";
  variables_["AWS_ENDPOINT_URL_S3"] = "http://127.0.0.1:3";
  EXPECT_EQ(read()->s3_url(), "http://127.0.0.1:3");
  EXPECT_EQ(read()->url_of("cloudtrail", "eu-west-1"), "http://127.0.0.1:2");
}

}  // namespace
}  // namespace cairn::node
