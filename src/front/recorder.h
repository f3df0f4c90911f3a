// The recorder: writes the CloudTrail record of a call, and puts records into the journal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/fault.h"
#include "dedupe/dedupe.h"
#include "front/service.h"
#include "journal/journal.h"

namespace cairn::front {

// A caller as records name him.
event::Identity identity_of(const access::Principal& who);

// What a record says of the caller's side of the wire.
struct Origin {
  std::string_view user_agent;
  std::string_view shared_event_id{};  // of a call that two accounts are told of
};
// The copy of a call's record for the owner of what it touched, where that is another account than the
// caller's. As AWS has it: an event id of its own, the same sharedEventID, and of the caller no more than id
// and account.
struct OwnersCopy {
  std::string_view event_id;
  std::string_view account;
};

// The record of a call that ended in `fault`, or in `outcome` (one of them is given). Empty: CloudTrail does
// not record such calls.
std::string record_of(const Call& call, const Origin& origin, const aws::Fault* fault, const Outcome* outcome,
                      const OwnersCopy* copy = nullptr);

// Thread-safe.
struct Written {
  std::string account;
  std::string json;
};

class Recorder {
 public:
  explicit Recorder(journal::Journal& journal) : journal_(journal) {}

  // Appends the records of one call, each to its account's partition; durable when it returns. Errc::unknown:
  // some or all may be there.
  Task<Result<void>> append(std::vector<Written> records);

 private:
  journal::Journal& journal_;
};

}  // namespace cairn::front
