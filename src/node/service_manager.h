// What systemd wants to know of a service (Type=notify or notify-reload, WatchdogSec=): a datagram to $NOTIFY_SOCKET.
// Where nobody asked, nothing is sent. sd_notify(3) has the words; its library is not needed for them.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace cairn::node {

class ServiceManager {
 public:
  // Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID as they are now.
  ServiceManager();

  void ready() const { send("READY=1"); }
  void reloading() const;  // ready() follows, whatever came of it
  void stopping() const { send("STOPPING=1"); }
  void alive() const { send("WATCHDOG=1"); }
  // How often alive() must be said; 0: nobody waits for it.
  Millis alive_every() const { return alive_every_; }

 private:
  void send(std::string_view text) const;

  std::string socket_;  // empty: nobody listens
  Millis alive_every_{0};
};

}  // namespace cairn::node
