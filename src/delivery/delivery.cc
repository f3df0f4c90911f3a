// The follower. Tested by delivery_test.cc, restart_test.cc and delivery_crash_test.cc.
#include "delivery/delivery.h"

#include <set>

#include "base/log.h"
#include "codec/base64.h"
#include "codec/checksum.h"
#include "codec/gzip.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "delivery/closing.h"
#include "delivery/digests.h"
#include "delivery/trails.h"
#include "delivery/uploader.h"

namespace cairn::delivery {
namespace {

constexpr std::size_t kUniqueChars = 16;
constexpr std::size_t kPage = 1000;
// Of one file: its document, with each quote escaped, is one that the catalog takes.
constexpr std::uint64_t kEchoesBytesMax = 256U << 10;
constexpr journal::Partition kPartition{0};

// All documents below a prefix.
Task<Result<std::vector<catalog::Document>>> scan_all(catalog::Catalog& catalog, std::string_view prefix) {
  std::vector<catalog::Document> all;
  std::string after;
  while (true) {
    CAIRN_CO_TRY(auto page, co_await catalog.scan(std::string(prefix), after, kPage));
    if (page.empty()) {
      co_return all;
    }
    after = page.back().key;
    std::ranges::move(page, std::back_inserter(all));
  }
}

class LogFiles final : public Delivery {
 public:
  LogFiles(Options options, catalog::Catalog& catalog, blob::Blob& blob, aws::Client& s3,
           const crypto::Sealer& sealer, async::Executor executor, const Clock& clock, Metrics& metrics)
      : options_(options),
        catalog_(catalog),
        blob_(blob),
        executor_(std::move(executor)),
        clock_(clock),
        ledger_(catalog),
        uploader_(options, catalog, blob, s3, clock, metrics),
        digests_(options, catalog, blob, executor_, sealer, clock, uploader_),
        buffers_(options.file_bytes_max),
        gap_files_(gap_files(metrics)),
        gap_events_(gap_events(metrics)),
        buffer_bytes_(metrics.gauge("cairn_delivery_buffer_bytes", "records that wait for their file")) {
    metrics.limit("cairn_delivery_buffer_bytes", static_cast<double>(options.buffer_bytes_max));
    uploader_.on_listed([this](const Lane& lane) { digests_.arrived(lane); });
  }

  Task<Result<void>> load() {
    CAIRN_CO_TRY_VOID(co_await ledger_.load());
    taken_ = ledger_.state().cursor;
    cursor_ = taken_.raw();
    CAIRN_CO_TRY(const auto trails, co_await scan_all(catalog_, kTrailPrefix));
    for (const auto& document : trails) {
      CAIRN_CO_TRY_VOID(trails_.load(document));
    }
    CAIRN_CO_TRY(const auto members, co_await scan_all(catalog_, kMemberPrefix));
    for (const auto& document : members) {
      CAIRN_CO_TRY_VOID(trails_.load_member(document));
    }
    CAIRN_CO_TRY_VOID(co_await load_echoes());
    patterns_ = trails_.patterns();
    CAIRN_CO_TRY_VOID(co_await remove_ended(catalog_, trails_.all()));
    CAIRN_CO_TRY_VOID(co_await digests_.load(trails_));
    co_return co_await load_plans();
  }

  void start() override { uploader_.start(executor_); }
  void stop() override { uploader_.stop(); }

  std::string_view name() const override { return "delivery"; }
  stream::Patterns patterns() const override { return patterns_; }
  void on_patterns_changed(std::function<Result<void>()> changed) override {
    patterns_changed_ = std::move(changed);
  }
  journal::Position cursor(journal::Partition) const override { return journal::Position{cursor_.load()}; }

  Result<void> take(const stream::Batch& batch) override {
    CAIRN_CHECK(batch.partition == kPartition);
    if (closing_) {
      CAIRN_TRY_VOID(finish());
    }
    for (const auto& item : batch.items) {
      if (item.position < taken_) {
        continue;  // the batch came before, and could not be finished
      }
      CAIRN_TRY_VOID(take_one(batch, item));
      taken_ = item.position + 1;
      if (is_enough()) {
        CAIRN_TRY_VOID(flush());
      }
    }
    taken_ = std::max(taken_, batch.end);
    buffer_bytes_.set(static_cast<double>(buffers_.bytes()));
    return buffers_.full() ? flush() : Result<void>{};
  }

  Result<void> tick(Time now) override {
    // A clock that stepped back must not make the files wait.
    if (!flushed_ || now < *flushed_) {
      flushed_ = now;
    }
    if (now - *flushed_ >= options_.interval) {
      CAIRN_TRY_VOID(flush());
      flushed_ = now;
    }
    if (!closing_) {  // what closes has numbers that a digest would take
      digests_.make_due(ledger_);
    }
    return {};
  }

 private:
  // Which a clock that steps does not change.
  Time age() const { return (options_.ages != nullptr ? *options_.ages : clock_).now(); }

  Task<Result<void>> load_echoes() {
    CAIRN_CO_TRY(const auto documents, co_await scan_all(catalog_, kEchoesPrefix));
    for (const auto& document : documents) {
      CAIRN_CO_TRY(const auto echoes, echoes_from(document));
      const auto* const trail = trails_.find(echoes.trail_arn);
      if (trail == nullptr) {  // after a downgrade, say, which did not know of them
        log::warn("records wait for a file of a trail that is not there", {{"document", document.key}});
        continue;
      }
      CAIRN_CO_TRY_VOID(buffers_.load(*trail, echoes));
    }
    co_return Result<void>{};
  }

  // Plans that wait, and spooled files whose plan was never committed: the latter go.
  Task<Result<void>> load_plans() {
    CAIRN_CO_TRY(const auto documents, co_await scan_all(catalog_, kPlanPrefix));
    std::vector<Plan> plans;
    std::set<std::string> spooled;
    for (const auto& document : documents) {
      CAIRN_CO_TRY(auto plan, plan_from(document.value));
      spooled.insert(plan.spool);
      plans.push_back(std::move(plan));
    }
    uploader_.add(std::move(plans));
    std::string after;
    while (true) {
      CAIRN_CO_TRY(const auto page, co_await blob_.list(std::string(kSpoolPrefix), after, kPage));
      if (page.empty()) {
        co_return Result<void>{};
      }
      for (const auto& listed : page) {
        if (!spooled.contains(listed.name)) {
          CAIRN_CO_TRY_VOID(co_await blob_.remove(listed.name));
        }
      }
      after = page.back().name;
    }
  }

  Result<void> take_one(const stream::Batch& batch, const stream::Item& item) {
    if (item.kind == event::Kind::control) {
      CAIRN_TRY_VOID(trails_.change(item.body));
      return ask();
    }
    if (item.kind != event::Kind::record && item.kind != event::Kind::outcome) {
      return {};
    }
    if (batch.patterns_version(*this) != patterns_.version) {
      return Error{Errc::conflict, "the records are not matched with what the trails select by"};
    }
    const auto echo = is_echo(item.view) ? std::optional(age()) : std::nullopt;
    const auto add = [&](const Taker& taker) {
      buffers_.add(taker.arn, *taker.trail, item.view, item.body, echo);
    };
    trails_.takers().each(item.view, batch.matched(item, *this), add,
                          trails_.organization_of(item.view.recipient_account));
    return {};
  }

  // What the trails select by now holds from the next position on. After an error the same control comes
  // again.
  Result<void> ask() {
    auto asked = trails_.patterns();
    if (const auto crowded = trails_.takers().crowded(); crowded > 0) {
      log::error("too many event selectors: some trails take more than they want", {{"rules", crowded}});
    }
    if (asked.version == patterns_.version && is_asked_) {
      return {};
    }
    patterns_ = std::move(asked);
    is_asked_ = false;
    CAIRN_TRY_VOID(patterns_changed_());
    is_asked_ = true;
    return {};
  }

  // As much as memory may hold, or as one commit may write. A batch of small records from everywhere can be
  // more than either, so each record is asked.
  bool is_enough() const {
    return buffers_.bytes() >= options_.buffer_bytes_max || buffers_.parts() >= options_.files_max ||
           trails_.changed_bytes() >= options_.changes_bytes_max;
  }

  Result<void> flush() {
    if (!closing_) {
      if (taken_ == ledger_.state().cursor &&
          !(buffers_.echoes_since() && is_overdue(*buffers_.echoes_since()))) {
        return {};  // nothing came since
      }
      CAIRN_TRY_VOID(digests_.finish(ledger_));
      closing_ = Closing{.next = ledger_.next(),
                         .closed = close_buffers(),
                         .made = 0,
                         .plans = {},
                         .planned = {},
                         .gaps = {},
                         .trails = trails_.take_changes(),
                         .echoes = buffers_.store_echoes()};
      let_go_of_echoes(*closing_);
      closing_->next.cursor = taken_;
      buffer_bytes_.set(static_cast<double>(buffers_.bytes()));
    }
    return finish();
  }

  // What waits for company stays.
  std::vector<Closed> close_buffers() {
    std::uint64_t bytes = 0;
    std::size_t files = 0;
    return buffers_.close([&](const std::string& arn, const Closed& part) {
      const auto size = part.json.size();
      const bool waits = may_wait(arn, part) && bytes + size <= options_.echoes_bytes_max &&
                         bytes + size <= options_.buffer_bytes_max / 4 && files < options_.files_max / 4;
      bytes += waits ? size : 0;
      files += waits ? 1 : 0;
      return waits;
    });
  }

  // Until it is too old or too large, and as long as its trail logs what it logged then.
  bool may_wait(const std::string& arn, const Closed& part) const {
    const auto* const trail = trails_.find(arn);
    if (trail == nullptr || !trail->logging || !same_destination(*trail, *part.trail)) {
      return false;
    }
    const bool of_account = trail->organization.empty()
                                ? part.account == trail->account
                                : trails_.organization_of(part.account) == trail->organization;
    return of_account && (trail->multi_region || trail->home_region == part.region) &&
           part.events < options_.echoes_max && part.json.size() < options_.file_bytes_max / 2 &&
           part.json.size() < kEchoesBytesMax && !is_overdue(*part.echoes_since);
  }

  bool is_overdue(Time echoes_since) const {
    const auto now = age();
    return now < echoes_since || now - echoes_since >= options_.echoes_wait_max;
  }

  // What is in a plan now waits no more.
  static void let_go_of_echoes(Closing& closing) {
    for (const auto& closed : closing.closed) {
      if (closed.stored != Closed::Stored::no) {
        const Echoes gone{.trail_arn = closed.trail->arn(),
                          .account = closed.account,
                          .region = closed.region,
                          .folder = std::string(closed.folder)};
        closing.echoes.push_back({gone.catalog_key(), std::nullopt, std::nullopt});
      }
    }
  }

  // Files, plans and cursor in one commit. After an error everything is still here and the next call goes on
  // where this one stopped.
  Result<void> finish() {
    auto& closing = *closing_;
    for (; closing.made < closing.closed.size(); ++closing.made) {
      CAIRN_TRY_VOID(make_file(closing.closed[closing.made]));
    }
    CAIRN_TRY_VOID(async::run(executor_, commit()));
    cursor_ = ledger_.state().cursor.raw();
    uploader_.add(std::move(closing.plans));
    report_gaps();
    const bool trails_changed = !closing.trails.empty();
    closing_.reset();
    if (trails_changed) {
      digests_.heed(trails_);
      tidy_up();
    }
    return {};
  }

  // A plan with its bytes in the spool, or a gap.
  Result<void> make_file(Closed& closed) {
    auto& closing = *closing_;
    const auto& trail = *closed.trail;
    const auto arn = trail.arn();
    if (closed.compressed.empty()) {  // a try before this one may have
      const auto json = closed.json.take();
      if (trail.validation) {
        closed.hash = codec::hex_encode(crypto::sha256(json));
      }
      closed.compressed = codec::gzip_compress(json);
    }
    const auto& bytes = closed.compressed;
    auto& planned = closing.planned[{arn, trail.bucket}];
    auto spooled = uploader_.spooled(arn, trail.bucket);
    spooled.bytes += planned.bytes;
    spooled.files += planned.files;
    const bool full =
        spooled.bytes + bytes.size() > options_.spool_bytes_max || spooled.files >= options_.spool_files_max;
    if (full && spooled.files > 0) {  // a file that is alone is tried, however large it is
      auto& gap = closing.gaps[{arn, trail.created, closed.region}];
      ++gap.files;
      gap.events += closed.events;
      closed.compressed = {};
      return {};
    }
    Plan plan{.number = closing.next.plans + 1,
              .trail_arn = arn,
              .trail_created = trail.created,
              .account = trail.account,
              .region = closed.region,
              .home_region = trail.home_region,
              .bucket = trail.bucket,
              .key = trail::log_file_key(trail, closed.account, closed.folder, closed.region, clock_.now(),
                                         crypto::random_text(kUniqueChars)),
              .spool = new_spool_name(),
              .kms_key = trail.kms_key,
              .bytes = bytes.size(),
              .events = closed.events,
              .crc32c = codec::crc32c(bytes),
              .made = age(),
              .refused = {},
              .unreadable = {},
              .listing = {},
              .digest = {}};
    if (!closed.hash.empty()) {
      plan.listing = Listing{
          .account = closed.account, .hash = closed.hash, .newest = closed.newest, .oldest = closed.oldest};
    }
    if (auto put = async::run(executor_, blob_.put(plan.spool, std::as_bytes(std::span(bytes)))); !put) {
      // It may be there all the same, and the next try takes another name.
      static_cast<void>(async::run(executor_, blob_.remove(plan.spool)));
      return put;
    }
    planned.bytes += plan.bytes;
    ++planned.files;
    closing.plans.push_back(std::move(plan));
    ++closing.next.plans;
    closed.compressed = {};
    return {};
  }

  Task<Result<void>> commit() {
    CAIRN_CO_TRY(auto transaction, co_await transaction_of(*closing_));
    co_return co_await ledger_.commit(closing_->next, std::move(transaction));
  }

  Task<Result<catalog::Transaction>> transaction_of(const Closing& closing) {
    catalog::Transaction transaction;
    transaction.writes = closing.trails;
    std::ranges::copy(closing.echoes, std::back_inserter(transaction.writes));
    for (const auto& plan : closing.plans) {
      transaction.writes.push_back({plan.catalog_key(), to_document(plan), 0});
    }
    for (const auto& [name, gap] : closing.gaps) {
      CAIRN_CO_TRY(const auto document, co_await catalog_.get(name.gap_key()));
      Gap sum;
      if (document) {
        CAIRN_CO_TRY(sum, gap_from(document->value));
      }
      sum.files += gap.files;
      sum.events += gap.events;
      transaction.writes.push_back({name.gap_key(), to_document(sum), document ? document->version : 0});
    }
    co_return transaction;
  }

  void report_gaps() {
    for (const auto& [name, gap] : closing_->gaps) {
      gap_files_.add(static_cast<double>(gap.files));
      gap_events_.add(static_cast<double>(gap.events));
      log::error(
          "a trail's spool is full: log files are dropped",
          {{"trail", name.trail_arn}, {"region", name.region}, {"files", gap.files}, {"events", gap.events}});
    }
  }

  // What cannot be removed now is removed at the next start.
  void tidy_up() {
    if (const auto removed = async::run(executor_, remove_ended(catalog_, trails_.all())); !removed) {
      log::warn("cannot remove the status of trails that are gone", {{"error", removed.error().text()}});
    }
  }

  const Options options_;
  catalog::Catalog& catalog_;
  blob::Blob& blob_;
  async::Executor executor_;
  const Clock& clock_;
  Ledger ledger_;
  Uploader uploader_;
  Digests digests_;
  Buffers buffers_;
  Trails trails_;
  stream::Patterns patterns_;  // as the stream was asked, or is about to be
  bool is_asked_ = true;
  std::function<Result<void>()> patterns_changed_ = [] { return Result<void>{}; };
  journal::Position taken_;         // after the last entry that is in buffers_ or closing_ or beyond
  std::optional<Closing> closing_;  // being made into files and committed
  std::optional<Time> flushed_;
  std::atomic<std::uint64_t> cursor_{0};
  Counter gap_files_;
  Counter gap_events_;
  Gauge buffer_bytes_;
};

}  // namespace

Task<Result<std::unique_ptr<Delivery>>> Delivery::open(Options options, catalog::Catalog& catalog,
                                                       blob::Blob& blob, aws::Client& s3,
                                                       const crypto::Sealer& sealer, async::Executor executor,
                                                       const Clock& clock, Metrics& metrics) {
  auto follower =
      std::make_unique<LogFiles>(options, catalog, blob, s3, sealer, std::move(executor), clock, metrics);
  CAIRN_CO_TRY_VOID(co_await follower->load());
  co_return std::unique_ptr<Delivery>(std::move(follower));
}

}  // namespace cairn::delivery
