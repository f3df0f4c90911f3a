// Tested by conformance/test_sns_mail.py.
#include "node/outlets.h"

#include <utility>

#include "base/log.h"
#include "node/endpoints.h"

namespace cairn::node {
namespace {

constexpr worker::ProgramLimits kProgramLimits{.deadline = Millis{30'000}, .output_bytes_max = 2048};

}  // namespace

Result<std::unique_ptr<Outlets>> Outlets::make(const Config& config) {
  crypto::Secret password;
  if (!config.sns.smtp.password_file.empty()) {
    CAIRN_TRY(password, read_secret(config.sns.smtp.password_file));
  }
  return std::unique_ptr<Outlets>(new Outlets(config, std::move(password)));
}

Outlets::Outlets(const Config& config, crypto::Secret password)
    : from_(config.sns.smtp.from), commands_(config.sns.commands) {
  const auto& smtp = config.sns.smtp;
  if (!smtp.url.empty()) {
    smtp_ = std::make_unique<mail::Smtp>(mail::Server{.url = smtp.url,
                                                      .user = smtp.user,
                                                      .password = std::move(password),
                                                      .ca_file = smtp.ca_file.string()});
    mail_pool_ = std::make_unique<async::Pool>(mails_at_once_max);
  }
  if (!commands_.empty()) {
    program_pool_ = std::make_unique<async::Pool>(programs_at_once_max);
  }
}

void Outlets::stop() {
  stopping_ = true;
  if (smtp_) {
    smtp_->stop();
  }
}

Task<Outlets::Sent> Outlets::send(mail::Mail mail) {
  if (!smtp_) {
    co_return Sent::later;
  }
  mail.from = from_;
  auto hand_over = [this, to = mail.to, text = mail::encode(mail)] { return smtp_->send(from_, to, text); };
  const auto sent = co_await mail_pool_->run(std::move(hand_over));
  if (sent.end != mail::Sent::End::accepted) {
    log::info("the mail server does not take a mail", {{"to", mail.to}, {"error", sent.said}});
  }
  switch (sent.end) {
    case mail::Sent::End::accepted:
      co_return Sent::accepted;
    case mail::Sent::End::refused:
      co_return Sent::refused;
    case mail::Sent::End::later:
      break;
  }
  co_return Sent::later;
}

Task<Outlets::Sent> Outlets::run(std::string command, std::string input) {
  const auto found = commands_.find(command);
  if (found == commands_.end()) {
    co_return Sent::refused;
  }
  auto run_it = [this, name = std::move(command), &line = found->second, text = std::move(input)] {
    return run_here(name, line, text);
  };
  co_return co_await program_pool_->run(std::move(run_it));
}

Outlets::Sent Outlets::run_here(const std::string& name, const std::vector<std::string>& command,
                                const std::string& input) const {
  if (stopping_) {
    return Sent::later;
  }
  const auto end = worker::run_program(command, input, kProgramLimits, stopping_);
  if (!end) {
    log::warn("a command cannot be run", {{"command", name}, {"error", end.error().text()}});
    return Sent::later;
  }
  if (!end->well) {
    log::warn("a command fails", {{"command", name}, {"ended", end->how}, {"output", end->output}});
  } else if (!end->output.empty()) {
    log::info("a command says", {{"command", name}, {"output", end->output}});
  }
  return end->well ? Sent::accepted : Sent::later;
}

}  // namespace cairn::node
