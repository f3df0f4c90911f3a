// Tested by smtp_test.cc.
#include "mail/smtp.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "base/check.h"
#include "codec/headers.h"

namespace cairn::mail {
namespace {

constexpr std::string_view kPlain = "smtp://";
constexpr std::string_view kTls = "smtps://";
constexpr long kPermanentFirst = 500;
constexpr long kPermanentEnd = 600;
// What a server says to credentials, or to none: nothing about the mail.
constexpr std::array<long, 4> kAboutCredentials = {530, 534, 535, 538};

struct FreeHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, FreeHandle>;
using List = std::unique_ptr<curl_slist, FreeList>;

// What libcurl reads from.
struct Upload {
  std::string_view left{};
  bool begun = false;
};

std::size_t read_some(char* to, std::size_t size, std::size_t count, void* from) {
  auto& upload = *static_cast<Upload*>(from);
  upload.begun = true;
  const auto bytes = std::min(size * count, upload.left.size());
  std::memcpy(to, upload.left.data(), bytes);
  upload.left.remove_prefix(bytes);
  return bytes;
}

// Not 0: it ends.
int look(void* stopping, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(stopping)->load() ? 1 : 0;
}

std::string_view authority_of(std::string_view url) {
  url.remove_prefix(url.starts_with(kTls) ? kTls.size() : kPlain.size());
  return url;
}

// "host" of "host:port", "[::1]" of "[::1]:port".
std::string_view host_of(std::string_view authority) {
  const auto end = authority.find(']');
  const auto from = end == std::string_view::npos ? 0 : end;
  return authority.substr(0, authority.find(':', from));
}

bool is_port(std::string_view text) {
  constexpr std::size_t kDigitsMax = 5;
  return !text.empty() && text.size() <= kDigitsMax && text.front() != '0' &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_host(std::string_view text) {
  constexpr std::string_view kSigns = ".-_[]:";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kSigns.find(c) != std::string_view::npos;
  });
}

void use_tls(CURL* handle, const Server& server) {
  const bool here = is_on_this_host(server.url);
  const bool known = !server.user.empty();
  long level = CURLUSESSL_ALL;
  if (server.url.starts_with(kPlain)) {
    level = here ? CURLUSESSL_NONE : known ? CURLUSESSL_ALL : CURLUSESSL_TRY;
  }
  curl_easy_setopt(handle, CURLOPT_USE_SSL, level);
  if (level == CURLUSESSL_TRY) {  // as mail servers do among themselves
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 0L);
  }
  if (!server.ca_file.empty()) {
    curl_easy_setopt(handle, CURLOPT_CAINFO, server.ca_file.c_str());
  }
}

void use_credentials(CURL* handle, const Server& server) {
  if (server.user.empty()) {
    return;
  }
  crypto::Secret ended(server.password.size() + 1);
  std::ranges::copy(server.password.bytes(), ended.writable().begin());
  curl_easy_setopt(handle, CURLOPT_USERNAME, server.user.c_str());
  curl_easy_setopt(handle, CURLOPT_PASSWORD, reinterpret_cast<const char*>(ended.bytes().data()));
}

Sent::End end_of(CURLcode code, long answer, bool begun) {
  if (code == CURLE_OK) {
    return Sent::End::accepted;
  }
  // To the sender, the receiver or DATA; or to the mail, once it was sent.
  const bool about_the_mail = code == CURLE_SEND_ERROR || (code == CURLE_WEIRD_SERVER_REPLY && begun);
  const bool permanent = answer >= kPermanentFirst && answer < kPermanentEnd &&
                         std::ranges::find(kAboutCredentials, answer) == kAboutCredentials.end();
  return about_the_mail && permanent ? Sent::End::refused : Sent::End::later;
}

}  // namespace

bool is_server_url(std::string_view url) {
  if (!url.starts_with(kPlain) && !url.starts_with(kTls)) {
    return false;
  }
  const auto authority = authority_of(url);
  const auto host = host_of(authority);
  const auto port = authority.substr(host.size());
  return is_host(host) && (port.empty() || is_port(port.substr(1)));
}

bool is_on_this_host(std::string_view url) {
  const auto host = codec::lower(host_of(authority_of(url)));
  constexpr std::string_view kDigits = "0123456789.";
  const bool numbers = host.find_first_not_of(kDigits) == std::string::npos;
  return host == "localhost" || host == "[::1]" || (numbers && host.starts_with("127."));
}

Smtp::Smtp(Server server) : server_(std::move(server)) {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  CAIRN_CHECK(ready);
}

Sent Smtp::send(const std::string& from, const std::string& to, std::string_view text) {
  const Handle handle(curl_easy_init());
  const List receivers(curl_slist_append(nullptr, fmt::format("<{}>", to).c_str()));
  if (!handle || !receivers || stopping_) {
    return {.end = Sent::End::later, .said = "not now"};
  }
  Upload upload{.left = text};
  char said[CURL_ERROR_SIZE] = {};
  auto* const on = handle.get();
  curl_easy_setopt(on, CURLOPT_URL, server_.url.c_str());
  curl_easy_setopt(on, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(on, CURLOPT_PROXY, "");  // whatever the environment says
  curl_easy_setopt(on, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(on, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(on, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(server_.connect.count()));
  curl_easy_setopt(on, CURLOPT_TIMEOUT_MS, static_cast<long>(server_.total.count()));
  curl_easy_setopt(on, CURLOPT_ERRORBUFFER, said);
  curl_easy_setopt(on, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(on, CURLOPT_XFERINFOFUNCTION, look);
  curl_easy_setopt(on, CURLOPT_XFERINFODATA, &stopping_);
  use_tls(on, server_);
  use_credentials(on, server_);
  curl_easy_setopt(on, CURLOPT_MAIL_FROM, fmt::format("<{}>", from).c_str());
  curl_easy_setopt(on, CURLOPT_MAIL_RCPT, receivers.get());
  curl_easy_setopt(on, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(on, CURLOPT_READFUNCTION, read_some);
  curl_easy_setopt(on, CURLOPT_READDATA, &upload);
  curl_easy_setopt(on, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(text.size()));
  const auto code = curl_easy_perform(on);
  long answer = 0;
  curl_easy_getinfo(on, CURLINFO_RESPONSE_CODE, &answer);
  return {.end = end_of(code, answer, upload.begun),
          .said = code == CURLE_OK  ? ""
                  : said[0] != '\0' ? said
                                    : curl_easy_strerror(code)};
}

}  // namespace cairn::mail
