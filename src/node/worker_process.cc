// Tested by conformance/test_worker.py.
#include "node/worker_process.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "codec/base64.h"
#include "journal/file/folder_reader.h"
#include "journal/sealed/sealed_journal.h"
#include "node/command_line.h"
#include "worker/child.h"
#include "worker/child_process.h"
#include "worker/worker.h"

namespace cairn::node {
namespace {

constexpr Millis kGrace{5'000};           // a job looks at its deadline itself, and says more
constexpr std::uint64_t kHeapFactor = 2;  // of what may be resident: what was asked for and not touched
constexpr std::uint64_t kHeapSpare = 512ULL << 20;

std::string word(log::Level level) {
  constexpr const char* kWords[] = {"debug", "info", "warn", "error"};
  return kWords[static_cast<int>(level)];
}

// What goes over to the child: the key, if the job needs it, in base64, a line's end, the job.
std::string with_key(const store::Job& job, const crypto::Secret& journal_key) {
  const bool reads_journal = std::holds_alternative<store::SealJob>(job.work);
  return (reads_journal ? codec::base64_encode(journal_key.bytes()) : "") + "\n" + store::to_json(job);
}

class ChildRunner final : public store::JobRunner {
 public:
  ChildRunner(worker::Options options, crypto::Secret journal_key, Metrics& metrics)
      : journal_key_(std::move(journal_key)), worker_(std::move(options), metrics) {}

  void start(store::Job job, Done done) override {
    worker_.run(with_key(job, journal_key_), job.deadline + kGrace,
                [done = std::move(done)](Result<std::string> text) {
                  done(std::move(text).and_then(
                      [](const std::string& result) { return store::parse_job_result(result); }));
                });
  }

 private:
  const crypto::Secret journal_key_;
  worker::Worker worker_;
};

struct WorkerArguments {
  std::string data;
  std::uint64_t memory = 0;
  std::string log_level;
  std::string log_format;
};

Result<std::string> do_job(const std::filesystem::path& data, std::string_view text) {
  const auto line = text.find('\n');
  CAIRN_TRY(const auto key, codec::base64_decode(text.substr(0, line)));
  const crypto::Secret journal_key{std::string_view(key)};
  CAIRN_TRY(const auto job, store::parse_job(line == text.npos ? "" : text.substr(line + 1)));
  const auto* const seal = std::get_if<store::SealJob>(&job.work);
  const store::JobPorts ports{
      .journal = [&](journal::Partition partition,
                     journal::Position from) -> Result<std::unique_ptr<journal::Reader>> {
        CAIRN_CHECK(seal != nullptr);
        CAIRN_TRY(auto reader, journal::open_folder(data / "journal", from, seal->to));
        return journal::unsealed(std::move(reader), partition, journal_key);
      }};
  CAIRN_TRY(const auto result, store::run_job(job, ports));
  return store::to_json(result);
}

int work(const WorkerArguments& arguments) {
  const auto config = load_from(
      "",
      {{"data", arguments.data}, {"log.level", arguments.log_level}, {"log.format", arguments.log_format}});
  if (!config) {
    return complain(config.error());
  }
  log::configure(config->log.level, config->log.format);
  const auto confined = worker::confine({.data_bytes_max = arguments.memory * kHeapFactor + kHeapSpare});
  if (!confined) {
    return complain(confined.error());
  }
  return worker::serve_jobs(worker::kChannel,
                            [&](std::string_view job) { return do_job(config->data, job); });
}

}  // namespace

std::uint64_t job_memory(std::uint64_t memory_bytes_max) {
  return memory_bytes_max / 5 * 4;
}

std::unique_ptr<store::JobRunner> child_runner(const WorkerSetup& setup, crypto::Secret journal_key,
                                               Metrics& metrics) {
  worker::Options options{
      .command = {"/proc/self/exe", "worker", "--data", setup.data.string(), "--memory",
                  std::to_string(setup.memory_bytes_max), "--log.level", word(setup.log_level),
                  "--log.format", setup.log_format == log::Format::json ? "json" : "text"},
      .memory_bytes_max = setup.memory_bytes_max};
  return std::make_unique<ChildRunner>(std::move(options), std::move(journal_key), metrics);
}

// Not for people: it speaks frames on a descriptor that only the server hands it.
void add_worker(CLI::App& app, Chosen& chosen) {
  const auto arguments = std::make_shared<WorkerArguments>();
  auto* command = app.add_subcommand("worker", "do the server's jobs; it starts this itself")->group("");
  command->add_option("--data", arguments->data)->required();
  command->add_option("--memory", arguments->memory)->required();
  command->add_option("--log.level", arguments->log_level);
  command->add_option("--log.format", arguments->log_format);
  command->callback([arguments, &chosen] { chosen = [arguments] { return work(*arguments); }; });
}

}  // namespace cairn::node
