// The ways out of SNS that the operator opens: his mail server, and his programs. Each has threads of its
// own, since it blocks, and none where the configuration names nothing. Thread-safe. Tested by
// conformance/test_sns_mail.py.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "async/pool.h"
#include "base/metrics.h"
#include "mail/smtp.h"
#include "node/config.h"
#include "services/sns/outlets.h"
#include "worker/program.h"

namespace cairn::node {

class Outlets final : public services::sns::Outlets {
 public:
  static constexpr std::size_t mails_at_once_max = 4;
  static constexpr std::size_t programs_at_once_max = 4;

  // Errc::invalid: the password cannot be read.
  static Result<std::unique_ptr<Outlets>> make(const Config& config);

  // What is under way ends soon, and nothing is begun any more.
  void stop();

  bool has_mail() const override { return smtp_ != nullptr; }
  bool has_commands() const override { return !commands_.empty(); }
  bool has_command(std::string_view name) const override { return commands_.contains(name); }
  Task<Sent> send(mail::Mail mail) override;
  Task<Sent> run(std::string command, std::string input) override;

 private:
  Outlets(const Config& config, crypto::Secret password);
  Sent run_here(const std::string& name, const std::vector<std::string>& command,
                const std::string& input) const;

  std::string from_;
  Programs commands_;
  std::atomic<bool> stopping_{false};
  std::unique_ptr<mail::Smtp> smtp_;
  std::unique_ptr<async::Pool> mail_pool_;
  std::unique_ptr<async::Pool> program_pool_;
};

}  // namespace cairn::node
