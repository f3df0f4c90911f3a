// SQS's API: queues, and messages that are kept until their receiver has deleted them. What it answers is the
// table in sqs.cc; the front refuses the rest as not implemented. There are standard queues; FIFO queues are
// refused by name.
//
// A message that SendMessage answered outlives kill -9, and so does that it was received: it comes again when
// its time is over, not when Cairn was restarted. Every call is in the trail, without messages.
#pragma once

#include <memory>
#include <string>

#include "base/time.h"
#include "catalog/catalog.h"
#include "crypto/sealer.h"
#include "front/service.h"
#include "services/sqs/mailboxes.h"

namespace cairn::services::sqs {

struct Limits {
  static constexpr std::size_t page_max = 1000;      // of queues, as AWS's
  static constexpr std::size_t batch_max = 10;       // entries, and messages of one receive
  static constexpr std::size_t attributes_max = 10;  // of a message
  static constexpr std::size_t attribute_type_bytes_max = 256;
  static constexpr std::size_t in_flight_max = 120'000;  // of a queue, as AWS's
  static constexpr std::size_t queues_max = 10'000;      // of an account in a Region
};

// For messages; beyond it sends fail.
struct Room {
  std::uint64_t messages_max = 500'000;          // of a queue
  std::uint64_t account_messages_max = 800'000;  // of one account's queues: others have room still
  std::uint64_t account_bytes_max = 12ULL << 30;
  std::uint64_t messages_in_all_max = 2'000'000;
  std::uint64_t bytes_in_all_max = 32ULL << 30;
};

// All outlive the service.
struct Dependencies {
  catalog::Catalog& catalog;
  const crypto::Sealer& sealer;
  Mailboxes& mailboxes;
  const Clock& wall;  // what messages say of when they were sent; the mailboxes have a clock of their own
  // What URLs of queues begin with: "https://cairn.example". Empty: as the caller asked for this server.
  std::string url{};
  Room room{};
};

std::unique_ptr<front::Service> make_sqs(Dependencies dependencies);

}  // namespace cairn::services::sqs
