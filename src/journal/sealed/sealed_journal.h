// SealedJournal: a journal whose payloads lie sealed in another one. Positions, times, order and what append
// promises are the other's. Entries that were appended to it before, unsealed, are read on.
//
// An entry that does not open stops its reader as a damaged one does: Errc::corrupt, or Errc::denied if it
// was sealed under another key, naming partition and position, after the entries before it and again at every
// call.
#pragma once

#include <memory>

#include "crypto/secret.h"
#include "journal/journal.h"

namespace cairn::journal {

// The limits that a journal must have so that what is sealed in it can have these.
Limits with_room_for_sealing(Limits limits);

// `key`: MasterKey::derive(SealedEntry::kPurpose). REQUIRES: `inner` has with_room_for_sealing(limits).
std::unique_ptr<Journal> make_sealed(std::unique_ptr<Journal> inner, crypto::Secret key,
                                     const Limits& limits);

// Opens what another reader of that partition reads; for who reads a journal's files without the journal.
std::unique_ptr<Reader> unsealed(std::unique_ptr<Reader> reader, Partition partition,
                                 const crypto::Secret& key);

}  // namespace cairn::journal
