// The companions that have work of their own beside calls: KMS and SQS, each a service with what it keeps in
// memory and a reaper of what is due; and of S3 what buckets tell.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "async/loops.h"
#include "async/pool.h"
#include "services/kms/kms.h"
#include "services/kms/upkeep.h"
#include "services/s3/notifier.h"
#include "services/sqs/reaper.h"
#include "services/sqs/sqs.h"

namespace cairn::node {

class Companions {
 public:
  struct Dependencies {
    catalog::Catalog& catalog;
    const crypto::Sealer& sealer;
    async::Pool& pool;
    const Clock& wall;
    const Clock& ages;
    aws::Client& client;  // that queues and topics are reached by
    Metrics& metrics;
    std::string queues_url{};  // of sqs.url
  };
  // All outlive it.
  explicit Companions(Dependencies on)
      : on_(on),
        keys_(on.catalog, on.sealer, on.ages),
        mailboxes_(on.catalog, on.ages),
        queues_({on.catalog, mailboxes_, on.ages}),
        notifier_({on.catalog, on.client, on.ages, on.metrics}) {}

  // REQUIRES: this outlives them.
  void add_services(std::vector<std::unique_ptr<front::Service>>& services) {
    services.push_back(services::kms::make_kms(
        {.catalog = on_.catalog, .sealer = on_.sealer, .workshop = services::kms::make_workshop(&on_.pool)}));
    services.push_back(services::sqs::make_sqs({.catalog = on_.catalog,
                                                .sealer = on_.sealer,
                                                .mailboxes = mailboxes_,
                                                .wall = on_.wall,
                                                .url = on_.queues_url}));
  }
  services::s3::WaitingNotices& notices() { return notifier_.waiting(); }
  void start(const async::Executor& executor) {
    keys_.start(executor);
    queues_.start(executor);
    notifier_.start(executor);
  }
  // Calls that wait for messages are answered.
  void stop_waiting() { mailboxes_.close(); }
  // Blocks.
  void stop() {
    notifier_.stop();
    keys_.stop();
    queues_.stop();
  }

 private:
  const Dependencies on_;
  services::kms::Upkeep keys_;
  services::sqs::Mailboxes mailboxes_;
  services::sqs::Reaper queues_;
  services::s3::Notifier notifier_;
};

}  // namespace cairn::node
