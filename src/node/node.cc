#include "node/node.h"

#include <fmt/format.h>

#include <cstdlib>
#include <mutex>
#include <set>

#include "access/credentials_file.h"
#include "async/pool.h"
#include "base/log.h"
#include "base/patient_clock.h"
#include "crypto/master_key.h"
#include "crypto/random.h"
#include "delivery/delivery.h"
#include "front/dedupe_follower.h"
#include "front/door.h"
#include "front/forwarder.h"
#include "front/front.h"
#include "front/in_process_client.h"
#include "history/history.h"
#include "journal/sealed/entry_sealer.h"
#include "node/blob_store.h"
#include "node/certificate_notice.h"
#include "node/companions.h"
#include "node/complaint.h"
#include "node/data_lock.h"
#include "node/descriptors.h"
#include "node/endpoints.h"
#include "node/follower_options.h"
#include "node/kept_time.h"
#include "node/key_binding.h"
#include "node/live_settings.h"
#include "node/loops_turn.h"
#include "node/notifications.h"
#include "node/own_paths.h"
#include "node/relaying.h"
#include "node/sealed_ports.h"
#include "node/worker_process.h"
#include "reserve/reserve.h"
#include "services/cloudtrail/cloudtrail.h"
#include "services/iam/iam.h"
#include "services/organizations/organizations.h"
#include "services/s3/at_rest.h"
#include "services/s3/lifecycle.h"
#include "services/s3/s3.h"
#include "services/s3/sweeper.h"
#include "services/sts/sts.h"
#include "store/job_runner.h"

namespace cairn::node {
namespace {

constexpr std::size_t kLoops = 2;
constexpr std::size_t kPoolThreads = 4;
constexpr std::size_t kLookupThreads = 4;  // of their own: deliveries and objects' bodies never wait for them
constexpr Millis kRetireEvery{5'000};
constexpr Millis kDrainPatience{10'000};
constexpr Millis kStuckPatience{5'000};
constexpr Millis kSettlePatience{5'000};
constexpr journal::Partition kPartition{0};

// Members are in the order of their start; they end in the reverse one.
class Running final : public Node {
 public:
  Running(DataLock lock, const crypto::MasterKey& key)
      : lock_(std::move(lock)),
        key_(key.clone()),
        sealer_(key.clone()),
        at_rest_(key),
        loops_(kLoops),
        background_(1),
        pool_(kPoolThreads),
        lookups_(kLookupThreads) {}
  ~Running() override { stop(); }

  Result<void> open(const Config& config) {
    live_.set(config);
    CAIRN_TRY(reserve_,
              reserve::Reserve::open({.file = config.data / "reserve", .bytes = config.reserve}, metrics_));
    const auto hurry = [this] { return reserve_->low(); };
    CAIRN_TRY(journal_, open_journal(config.data, key_, hurry, clock_, metrics_));
    CAIRN_TRY(catalog_, open_catalog(config.data, key_, clock_, metrics_));
    CAIRN_TRY_VOID(async::run(background(), bind_key(*catalog_, key_)));
    CAIRN_TRY(const auto time, async::run(background(), kept_time(*catalog_, clock_.now())));
    ages_.emplace(clock_, time);
    CAIRN_TRY(blob_, open_blobs(config.data / "blobs", key_, pool_, metrics_));
    CAIRN_TRY_VOID(declare_accounts(config));
    forwarder_ = std::make_unique<front::Forwarder>(*catalog_, *journal_, front::ForwarderLimits{}, metrics_);
    CAIRN_TRY_VOID(async::run(background(), forwarder_->recover()));
    return open_followers(config);
  }

  Result<void> start(const Config& config) {
    make_front(config);
    CAIRN_TRY_VOID(make_gateway(config));
    forwarder_->start(background());
    delivery_->start();
    sweeper_->start(background());
    lifecycle_->start(background());
    companions_->start(background());
    stream_->start();
    retiring_ = true;
    CAIRN_CHECK(gate_.spawn(background(), retire()));
    const auto handler = [this](http::Request& request) { return route(request); };
    if (config.tls.on()) {
      CAIRN_TRY(tls_, http::TlsIdentity::load({config.tls.cert, config.tls.key}));
      say_how_long_it_holds(*tls_, clock_.now());
    }
    http::ServerLimits limits;
    limits.connections_max = connections_beside_files(limits.connections_max, raise_descriptors());
    CAIRN_TRY(server_, http::listen_behind_proxies(loops_, config.listen, limits, handler, metrics_, tls_,
                                                   proxies_of(config)));
    endpoint_ = (tls_ ? "https://" : "http://") + server_->address();
    notifications_->start(background());
    return {};
  }

  std::string endpoint() const override { return endpoint_; }
  bool ready() const override { return waits_for().empty(); }

  bool responds(Millis patience) override { return all_turn(loops_, patience); }

  Result<void> reload(const Config& config) override {
    CAIRN_TRY_VOID(access::check_declared(config.accounts));
    if (tls_ && config.tls.on()) {
      CAIRN_TRY_VOID(tls_->reload({config.tls.cert, config.tls.key}));
      say_how_long_it_holds(*tls_, clock_.now());
    }
    CAIRN_TRY_VOID(declare_accounts(config));
    live_.set(config);
    return {};
  }

  void stop() override {
    if (stopped_) {
      return;
    }
    stopped_ = true;
    if (companions_) {
      companions_->stop_waiting();
      live_view_->stop();
    }
    // What is left of its handlers ends while everything they use still runs.
    const bool over = !server_ || server_->drain(kDrainPatience) || server_->drain(kStuckPatience);
    if (over) {
      server_.reset();
    }
    if (relaying_) {
      relaying_->stop();
    }
    retiring_ = false;
    gate_.close();
    while (!gate_.wait_empty(kRetireEvery * 2)) {
      log::warn("the journal's retirement is slow to stop");
    }
    if (stream_) {
      stream_->stop();
      history_jobs_.reset();  // gives its job up; nobody starts another
      store_->stop();
      delivery_->stop();
      lifecycle_->stop();
      companions_->stop();
      notifications_->stop();
      sweeper_->stop();
      forwarder_->stop();
      if (const auto flushed = dedupe_->flush(); !flushed) {
        log::warn("cannot flush the index of event ids", {{"error", flushed.error().text()}});
      }
    }
    if (!over) {
      // What it uses cannot be destroyed. All that was acknowledged is durable: it is no worse than kill -9.
      log::error("a request does not end: the process ends without it");
      std::_Exit(0);
    }
  }

 private:
  async::Executor background() { return background_.at(0).get_executor(); }

  Result<void> declare_accounts(const Config& config) {
    CAIRN_TRY(
        const auto credentials,
        async::run(background(), access::apply_declared(*catalog_, sealer_, config.accounts, clock_.now())));
    const auto region = aws::Regions(config.regions).first();
    std::set<std::string> accounts;
    for (const auto& credential : credentials) {
      accounts.insert(credential.account);
    }
    {
      const std::lock_guard lock(accounts_mutex_);
      accounts_ = std::move(accounts);
    }
    CAIRN_TRY(const auto made, async::run(background(), access::made_accounts(*catalog_)));
    std::ranges::for_each(made, [this](const std::string& account) { add_account(account); });
    first_account_ = first_account_.empty() ? credentials.front().account : first_account_;
    return access::write_credentials(config.data / "credentials", credentials, region);
  }

  void add_account(const std::string& account) {
    const std::lock_guard lock(accounts_mutex_);
    made_accounts_.insert(account);
  }
  bool is_account(const std::string& account) const {
    const std::lock_guard lock(accounts_mutex_);
    return accounts_.contains(account) || made_accounts_.contains(account);
  }

  Result<void> open_followers(const Config& config) {
    CAIRN_TRY(endpoints_, Endpoints::open(config, client_, clock_));
    CAIRN_TRY(outlets_, Outlets::make(config));
    CAIRN_TRY(dedupe_, dedupe::Index::open({.folder = config.data / "dedupe", .ids_max = config.dedupe.ids},
                                           metrics_));
    store::Options history_options;
    history_options.retention = live_.retention;
    history_options.ages = &*ages_;
    history_options.scratch = (config.data / "scratch").string();
    history_options.job_memory_bytes_max = job_memory(config.worker.memory);
    history_options.job_deadline = config.worker.deadline;
    history_jobs_ = child_runner({.data = config.data,
                                  .memory_bytes_max = config.worker.memory,
                                  .log_level = config.log.level,
                                  .log_format = config.log.format},
                                 key_.derive(journal::SealedEntry::kPurpose), metrics_);
    CAIRN_TRY(store_,
              async::run(background(), store::Store::open(history_options, *catalog_, *blob_, pool_, lookups_,
                                                          background(), *history_jobs_, timers_, metrics_)));
    history_ = std::make_unique<history::History>(*store_);
    delivery::Options delivery_options = delivery_of(config);
    delivery_options.ages = &*ages_;
    CAIRN_TRY(delivery_, async::run(background(),
                                    delivery::Delivery::open(delivery_options, *catalog_, *blob_, *endpoints_,
                                                             sealer_, background(), clock_, metrics_)));
    seen_ = std::make_unique<front::DedupeFollower>(*dedupe_, clock_);
    stream_ = stream::Stream::make(*journal_, {history_.get(), delivery_.get(), seen_.get()}, timers_,
                                   stream::Options{}, metrics_);
    delivery_->on_patterns_changed([this] { return stream_->patterns_changed(*delivery_); });
    return {};
  }

  void make_front(const Config& config) {
    sweeper_ = std::make_unique<services::s3::Sweeper>(*catalog_, *blob_, timers_, run_);
    front::Dependencies on{.catalog = *catalog_,
                           .directory = directory(),
                           .recorder = recorder(),
                           .forwarder = *forwarder_,
                           .services = {},
                           .clock = clock_,
                           .metrics = metrics_,
                           .regions = aws::Regions(config.regions),
                           .s3_domains = config.s3.domains,
                           .trust_services = live_.trust_services,
                           .rates = &rates_,
                           .throttles = live_.aws_rates,
                           .room = reserve_.get(),
                           .failures_a_minute = live_.failures_a_minute};
    on.services.push_back(services::iam::make_iam(*catalog_, sealer_));
    on.services.push_back(services::sts::make_sts(*catalog_, sealer_));
    companions_.emplace(Companions::Dependencies{*catalog_, sealer_, pool_, clock_, *ages_, *endpoints_,
                                                 metrics_, config.sqs.url});
    companions_->add_services(on.services);
    on.services.push_back(services::organizations::make_organizations(
        {.catalog = *catalog_,
         .account_comes = [this](const std::string& account) { add_account(account); }}));
    notifications_ = std::make_unique<Notifications>(
        config, Notifications::Parts{*catalog_, sealer_, pool_, *endpoints_, timers_, *ages_, metrics_,
                                     [this] { return endpoint_; }, *outlets_});
    on.services.push_back(notifications_->service());
    const services::s3::Dependencies s3{.catalog = *catalog_,
                                        .blob = *blob_,
                                        .run = run_,
                                        .timers = timers_,
                                        .at_rest = at_rest_,
                                        .leftovers = &sweeper_->leftovers(),
                                        .kms = endpoints_.get(),
                                        .pool = &pool_,
                                        .room = reserve_.get(),
                                        .notices = &companions_->notices(),
                                        .telling = endpoints_.get()};
    on.services.push_back(services::s3::make_s3(s3));
    lifecycle_ = std::make_unique<services::s3::Lifecycle>(s3, *ages_);
    services::cloudtrail::Options options{.require_bucket_policy = live_.require_bucket_policy,
                                          .trails_per_region = live_.trails_per_region,
                                          .retention = live_.retention};
    on.services.push_back(services::cloudtrail::make_cloudtrail(
        {.catalog = *catalog_,
         .history = *store_,
         .history_ready = [this] { return stream_->caught_up(*history_); },
         .s3 = *endpoints_,
         .options = options}));
    front_ = std::make_unique<front::Front>(std::move(on));
    client_.connect(*front_);
    door_ = std::make_unique<front::Door>(front::DoorDependencies{
        .directory = directory(),
        .dedupe = *dedupe_,
        .journal = *journal_,
        .is_account = [this](const std::string& account) { return is_account(account); },
        .first_account = first_account_,
        .open = [this] { return stream_->caught_up(*seen_); },
        .clock = clock_,
        .metrics = metrics_,
        .keeps_up = [this] { return stream_->keeps_up(*history_); },
        .room = reserve_.get()});
    live_view_ = std::make_unique<LivePaths>(
        live::Dependencies{.journal = *journal_,
                           .settle = [this] { return forwarder_->settle(kSettlePatience); },
                           .clock = clock_,
                           .metrics = metrics_},
        directory());
  }

  Result<void> make_gateway(const Config& config) {
    CAIRN_TRY(relaying_,
              Relaying::open(config, {.key = key_,
                                      .directory = directory(),
                                      .recorder = recorder(),
                                      .dedupe = *dedupe_,
                                      .room = reserve_.get(),
                                      .pool = pool_,
                                      .dedupe_ready = [this] { return stream_->caught_up(*seen_); },
                                      .is_account = [this](const auto& id) { return is_account(id); },
                                      .first_account = first_account_,
                                      .executor = background(),
                                      .clock = clock_,
                                      .metrics = metrics_}));
    return {};
  }

  const access::Directory& directory() {
    if (!directory_) {
      directory_ = std::make_unique<access::Directory>(*catalog_, sealer_);
    }
    return *directory_;
  }
  front::Recorder& recorder() {
    if (!recorder_) {
      recorder_ = std::make_unique<front::Recorder>(*journal_);
    }
    return *recorder_;
  }

  Task<http::Response> route(http::Request& request) {
    if (!is_own_path(request.head)) {
      const bool asks_certificate = topics::is_certificate_path(request.head.path());
      auto claim = relaying_ && !asks_certificate ? relaying_->claim(request.head) : std::nullopt;
      return claim              ? relaying_->handle(request, *std::move(claim))
             : asks_certificate ? notifications_->serve(request, *front_)
                                : front_->handle(request);
    }
    auto complaint = complaint_of(*reserve_, *store_, *stream_, *delivery_);
    return own_path({metrics_, *door_, *live_view_, waits_for(), std::move(complaint)}, request);
  }

  // Delivery is not waited for: what it has not read it will deliver later.
  std::string waits_for() const {
    if (!stream_->caught_up(*history_)) {
      return "the event history";
    }
    return !stream_->caught_up(*seen_)            ? "the index of event ids"
           : relaying_ && !relaying_->caught_up() ? "the gateway, which records what was under way,"
                                                  : "";
  }

  // What every follower and the forwarder are past may go.
  Task<void> retire() {
    auto kept = std::chrono::steady_clock::time_point();
    while (retiring_) {
      if (const auto now = std::chrono::steady_clock::now(); now - kept >= kKeepTimeEvery) {
        kept = now;
        if (const auto done = co_await keep_time(*catalog_, ages_->now()); !done) {
          log::warn("cannot keep the time", {{"error", done.error().text()}});
        }
      }
      const auto lowest = std::min(stream_->lowest_cursor(kPartition), forwarder_->cursor());
      if (const auto retired = journal_->retire(kPartition, lowest); !retired) {
        log::warn("cannot retire journal files", {{"error", retired.error().text()}});
      }
      for (Millis waited{0}; retiring_ && waited < kRetireEvery; waited += Millis{100}) {
        co_await async::sleep(Millis{100});
      }
    }
  }

  const DataLock lock_;
  const crypto::MasterKey key_;
  const crypto::Sealer sealer_;
  const services::s3::AtRest at_rest_;
  const Clock& clock_ = system_clock();
  const PatientClock timers_{clock_, clock_.now()};  // of followers: a step does not hold them up
  std::optional<PatientClock> ages_;                 // of what is deleted by its age
  const LiveSettings live_;
  Metrics metrics_;
  std::unique_ptr<reserve::Reserve> reserve_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<catalog::Catalog> catalog_;
  std::unique_ptr<blob::Blob> blob_;
  mutable std::mutex accounts_mutex_;
  std::set<std::string> accounts_;       // declared; guarded
  std::set<std::string> made_accounts_;  // by CreateAccount; guarded
  std::string first_account_;
  std::unique_ptr<access::Directory> directory_;
  std::unique_ptr<front::Recorder> recorder_;
  std::unique_ptr<front::Forwarder> forwarder_;
  front::InProcessClient client_;
  std::unique_ptr<dedupe::Index> dedupe_;
  std::unique_ptr<store::JobRunner> history_jobs_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<history::History> history_;
  std::unique_ptr<delivery::Delivery> delivery_;
  std::unique_ptr<front::DedupeFollower> seen_;
  std::unique_ptr<stream::Stream> stream_;
  const std::string run_ = crypto::random_text(8, "abcdefghijklmnopqrstuvwxyz0123456789");
  std::unique_ptr<services::s3::Sweeper> sweeper_;
  std::unique_ptr<services::s3::Lifecycle> lifecycle_;
  std::optional<Companions> companions_;
  std::unique_ptr<front::Front> front_;
  std::unique_ptr<front::Door> door_;
  std::unique_ptr<LivePaths> live_view_;
  std::string endpoint_;
  std::shared_ptr<http::TlsIdentity> tls_;  // none: plain HTTP
  front::Rates rates_;
  async::Gate gate_;
  std::atomic<bool> retiring_{false};
  bool stopped_ = false;
  // Threads go first of all, so that nothing runs in what is being destroyed.
  async::Loops loops_;
  async::Loops background_;
  async::Pool pool_;
  async::Pool lookups_;
  std::unique_ptr<Endpoints> endpoints_;
  std::unique_ptr<Outlets> outlets_;
  std::unique_ptr<Notifications> notifications_;
  std::unique_ptr<Relaying> relaying_;  // none: no upstream
  std::unique_ptr<http::Server> server_;
};

}  // namespace

Result<std::unique_ptr<Node>> Node::start(const Config& config) {
  CAIRN_TRY(auto lock, DataLock::take(config.data));
  CAIRN_TRY(auto key, open_master_key(config));
  auto node = std::make_unique<Running>(std::move(lock), key);
  CAIRN_TRY_VOID(node->open(config));
  CAIRN_TRY_VOID(node->start(config));
  return std::unique_ptr<Node>(std::move(node));
}

}  // namespace cairn::node
