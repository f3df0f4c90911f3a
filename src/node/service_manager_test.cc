#include "node/service_manager.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "base/file.h"

namespace cairn::node {
namespace {

// The manager's end, under a name in the file system or an abstract one.
class Listener {
 public:
  explicit Listener(const std::string& name) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name.front() == '@') {
      address.sun_path[0] = '\0';
    }
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    EXPECT_EQ(::bind(socket_.descriptor(), reinterpret_cast<sockaddr*>(&address), length), 0);
  }
  std::string next() const {
    char text[256] = {};
    const auto got = ::recv(socket_.descriptor(), text, sizeof text, MSG_DONTWAIT);
    return got < 0 ? "nothing" : std::string(text, static_cast<std::size_t>(got));
  }

 private:
  File socket_;
};

class ServiceManagerTest : public testing::Test {
 protected:
  ~ServiceManagerTest() override {
    for (const auto* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) {
      ::unsetenv(name);
    }
  }
};

TEST_F(ServiceManagerTest, SaysWhatHappens) {
  auto folder = std::string("/tmp/cairn-notify-XXXXXX");
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  for (const auto& name : {folder + "/socket", "@" + folder}) {
    const Listener listener(name);
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
    const ServiceManager manager;
    manager.ready();
    EXPECT_EQ(listener.next(), "READY=1") << name;
    manager.reloading();
    const auto reloading = listener.next();
    EXPECT_EQ(reloading.rfind("RELOADING=1\nMONOTONIC_USEC=", 0), 0U) << reloading;
    EXPECT_GT(std::stoull(reloading.substr(reloading.rfind('=') + 1)), 0U);
    manager.alive();
    EXPECT_EQ(listener.next(), "WATCHDOG=1");
    manager.stopping();
    EXPECT_EQ(listener.next(), "STOPPING=1");
    EXPECT_EQ(listener.next(), "nothing");
  }
  ::unlink((folder + "/socket").c_str());
  ::rmdir(folder.c_str());
}

TEST_F(ServiceManagerTest, KnowsHowOften) {
  EXPECT_EQ(ServiceManager().alive_every(), Millis{0});
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  EXPECT_EQ(ServiceManager().alive_every(), Millis{10'000});
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  EXPECT_EQ(ServiceManager().alive_every(), Millis{10'000});
  ::setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(ServiceManager().alive_every(), Millis{0});
}

TEST_F(ServiceManagerTest, WhereNobodyListensNothingHappens) {
  for (const auto* name : {"", "relative", "/nowhere/socket"}) {
    ::setenv("NOTIFY_SOCKET", name, 1);
    EXPECT_NO_FATAL_FAILURE(ServiceManager().ready());
  }
  ::setenv("NOTIFY_SOCKET", ("/" + std::string(200, 'x')).c_str(), 1);  // longer than any such name
  EXPECT_NO_FATAL_FAILURE(ServiceManager().ready());
}

}  // namespace
}  // namespace cairn::node
