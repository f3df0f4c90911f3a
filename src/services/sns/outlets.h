// Outlets: the two ways to an endpoint that the operator has to open: a mail server, and programs of his own.
// What stands behind them is the node's. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "async/task.h"
#include "mail/mail.h"

namespace cairn::services::sns {

class Outlets {
 public:
  // refused: for good. later: it may be taken when it is tried again.
  enum class Sent { accepted, refused, later };

  virtual ~Outlets() = default;
  virtual bool has_mail() const = 0;
  virtual bool has_commands() const = 0;
  virtual bool has_command(std::string_view name) const = 0;
  // From whom is the outlet's affair. later: there is no mail server, too.
  virtual Task<Sent> send(mail::Mail mail) = 0;
  // Runs the program of that name with that input. refused: there is none of that name.
  virtual Task<Sent> run(std::string command, std::string input) = 0;
};

}  // namespace cairn::services::sns
