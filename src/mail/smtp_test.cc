#include "mail/smtp.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace cairn::mail {
namespace {

// A mail server that answers each verb as it is told, and keeps what it hears.
class Server25 {
 public:
  using Answers = std::map<std::string, std::string>;  // by verb; "": the greeting, ".": the mail's end

  explicit Server25(Answers answers = {}) : answers_(std::move(answers)) {
    listening_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(listening_, reinterpret_cast<sockaddr*>(&at), size), 0);
    EXPECT_EQ(::listen(listening_, 4), 0);
    EXPECT_EQ(::getsockname(listening_, reinterpret_cast<sockaddr*>(&at), &size), 0);
    port_ = ntohs(at.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Server25() {
    ::shutdown(listening_, SHUT_RDWR);
    thread_.join();
    ::close(listening_);
  }
  Server25(const Server25&) = delete;
  Server25& operator=(const Server25&) = delete;

  std::string url() const { return fmt::format("smtp://127.0.0.1:{}", port_); }
  // What was heard; the thread has ended by then.
  std::vector<std::string> heard() {
    ::shutdown(listening_, SHUT_RDWR);
    if (thread_.joinable()) {
      thread_.join();
    }
    thread_ = std::thread([] {});
    return heard_;
  }

 private:
  void serve() {
    for (int one = ::accept(listening_, nullptr, nullptr); one >= 0;
         one = ::accept(listening_, nullptr, nullptr)) {
      talk(one);
      ::close(one);
    }
  }
  bool answer(int on, const std::string& verb, const std::string& usual) {
    const auto found = answers_.find(verb);
    const auto text = (found == answers_.end() ? usual : found->second) + "\r\n";
    return ::send(on, text.data(), text.size(), MSG_NOSIGNAL) > 0 && !text.starts_with("4 hang");
  }
  void talk(int on) {
    answer(on, "", "220 here");
    bool in_mail = false;
    for (std::string line; read_line(on, line);) {
      heard_.push_back(line);
      if (in_mail) {
        in_mail = line != ".";
        if (!in_mail) {
          answer(on, ".", "250 taken");
        }
        continue;
      }
      const auto verb = line.substr(0, 4);
      in_mail = verb == "DATA" && !answers_.contains("DATA");
      answer(on, verb, verb == "DATA" ? "354 go on" : verb == "QUIT" ? "221 bye" : "250 yes");
    }
  }
  static bool read_line(int on, std::string& line) {
    line.clear();
    for (char c = 0; ::recv(on, &c, 1, 0) == 1;) {
      if (c == '\n') {
        line.pop_back();
        return true;
      }
      line += c;
    }
    return false;
  }

  Answers answers_;
  int listening_ = -1;
  int port_ = 0;
  std::vector<std::string> heard_;
  std::thread thread_;
};

Sent send_to(const std::string& url, std::string_view text = "Subject: x\r\n\r\nx\r\n", std::string user = "",
             Millis patience = Millis{60'000}) {
  Smtp smtp({.url = url,
             .user = std::move(user),
             .password = crypto::Secret(ByteView("secret")),
             .connect = patience,
             .total = patience});
  return smtp.send("nest@cairn.example", "ann@owl.example", text);
}

TEST(Smtp, HandsAMailOver) {
  Server25 server;
  const auto sent = send_to(server.url(), "Subject: x\r\n\r\n.\r\n..a\r\n.b\r\n\r\n.\r\n");
  EXPECT_EQ(sent.end, Sent::End::accepted) << sent.said;
  const auto heard = server.heard();
  const std::vector<std::string> wanted = {"MAIL FROM:<nest@cairn.example>",
                                           "RCPT TO:<ann@owl.example>",
                                           "DATA",
                                           "Subject: x",
                                           "",
                                           "..",
                                           "...a",
                                           "..b",
                                           "",
                                           "..",
                                           "."};
  ASSERT_GE(heard.size(), wanted.size() + 1);
  EXPECT_EQ(std::vector<std::string>(heard.begin() + 1,
                                     heard.begin() + 1 + static_cast<std::ptrdiff_t>(wanted.size())),
            wanted);
}

struct Refusal {
  const char* verb;
  const char* answer;
  Sent::End end;
};

class Refusals : public ::testing::TestWithParam<Refusal> {};

TEST_P(Refusals, AreForGoodOrNot) {
  Server25 server({{GetParam().verb, GetParam().answer}});
  const bool waits = std::string_view(GetParam().answer) == "nonsense";
  const auto sent = send_to(server.url(), "x\r\n", "", waits ? Millis{300} : Millis{60'000});
  EXPECT_EQ(sent.end, GetParam().end) << sent.said;
  EXPECT_FALSE(sent.said.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Refusals,
    ::testing::Values(
        Refusal{"", "554 go away", Sent::End::later}, Refusal{"", "421 busy", Sent::End::later},
        Refusal{"", "nonsense", Sent::End::later}, Refusal{"MAIL", "550 not you", Sent::End::refused},
        Refusal{"MAIL", "451 later", Sent::End::later}, Refusal{"MAIL", "530 who are you", Sent::End::later},
        Refusal{"MAIL", "552 too large", Sent::End::refused},
        Refusal{"RCPT", "550 nobody", Sent::End::refused}, Refusal{"RCPT", "450 full", Sent::End::later},
        Refusal{"DATA", "554 no", Sent::End::refused}, Refusal{"DATA", "451 later", Sent::End::later},
        Refusal{".", "554 spam", Sent::End::refused}, Refusal{".", "452 full", Sent::End::later},
        Refusal{".", "nonsense", Sent::End::later}));

TEST(Smtp, WhoIsNotThereMayComeBack) {
  std::string gone;
  {
    const Server25 server;
    gone = server.url();
  }
  EXPECT_EQ(send_to(gone).end, Sent::End::later);
  EXPECT_EQ(send_to("smtp://nowhere.invalid:25").end, Sent::End::later);
}

TEST(Smtp, CredentialsGoWhereTheyAreAskedFor) {
  Server25 server({{"EHLO", "250-here\r\n250 AUTH PLAIN"}, {"AUTH", "334 "}, {"AGFu", "235 welcome"}});
  EXPECT_EQ(send_to(server.url(), "x\r\n", "ann").end, Sent::End::accepted);
  const auto heard = server.heard();
  EXPECT_EQ(heard.at(1), "AUTH PLAIN");
  EXPECT_EQ(heard.at(2), "AGFubgBzZWNyZXQ=");
}

TEST(Smtp, CredentialsThatAreNotTakenAreNoRefusal) {
  Server25 server({{"EHLO", "250-here\r\n250 AUTH PLAIN"}, {"AUTH", "535 wrong"}});
  EXPECT_EQ(send_to(server.url(), "x\r\n", "ann").end, Sent::End::later);
}

// This name leads here, but does not say so: it is a server elsewhere.
TEST(Smtp, CredentialsNeverGoInTheClear) {
  Server25 server({{"EHLO", "250-here\r\n250 AUTH PLAIN"}, {"AUTH", "235 welcome"}});
  auto url = server.url();
  url.replace(url.find("127.0.0.1"), 9, "[::ffff:127.0.0.1]");
  const auto sent = send_to(url, "x\r\n", "ann");
  EXPECT_EQ(sent.end, Sent::End::later);
  for (const auto& line : server.heard()) {
    EXPECT_FALSE(line.starts_with("AUTH")) << line;
    EXPECT_FALSE(line.starts_with("MAIL")) << line;
  }
}

TEST(Smtp, AServerThatSaysNothingIsLeft) {
  const Server25 server({{"", "4 hang"}});
  Smtp smtp({.url = server.url(), .total = Millis{300}});
  EXPECT_EQ(smtp.send("a@b", "c@d", "x\r\n").end, Sent::End::later);
}

TEST(Smtp, NothingIsSentOnceItIsStopped) {
  Server25 server;
  Smtp smtp({.url = server.url()});
  smtp.stop();
  EXPECT_EQ(smtp.send("a@b", "c@d", "x\r\n").end, Sent::End::later);
  EXPECT_TRUE(server.heard().empty());
}

TEST(Smtp, SaysWhatAServersUrlIs) {
  for (const std::string good : {"smtp://mail.owl.example", "smtps://mail.owl.example:465",
                                 "smtp://127.0.0.1:2525", "smtp://[::1]:25", "smtp://localhost"}) {
    EXPECT_TRUE(is_server_url(good)) << good;
  }
  for (const std::string bad : {"", "mail.owl.example", "http://mail", "smtp://", "smtp://:25", "smtp://a/b",
                                "smtp://u:p@h", "smtp://u@h", "smtp://h:0", "smtp://h:123456", "smtp://h:x",
                                "smtp://h?x", "smtp://h h", "smtp://h:"}) {
    EXPECT_FALSE(is_server_url(bad)) << bad;
  }
  for (const std::string here :
       {"smtp://localhost:25", "smtp://LOCALHOST", "smtp://127.1.2.3:25", "smtps://[::1]:465"}) {
    EXPECT_TRUE(is_on_this_host(here)) << here;
  }
  for (const std::string away :
       {"smtp://mail.owl.example", "smtp://127.example.org", "smtp://localhost.example", "smtp://[::2]"}) {
    EXPECT_FALSE(is_on_this_host(away)) << away;
  }
}

}  // namespace
}  // namespace cairn::mail
