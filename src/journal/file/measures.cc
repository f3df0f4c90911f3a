#include "journal/file/measures.h"

namespace cairn::journal {

Measures::Measures(Metrics& m)
    : appended_entries(m.counter("cairn_journal_appended_entries_total", "Entries made durable.")),
      appended_bytes(m.counter("cairn_journal_appended_bytes_total", "Bytes of entries made durable.")),
      syncs(m.counter("cairn_journal_syncs_total", "Groups written and synced.")),
      failures(m.counter("cairn_journal_failures_total", "Groups that could not be written or synced.")),
      group_entries(m.histogram("cairn_journal_group_entries", "Entries that shared one sync.",
                                {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096})),
      sync_seconds(
          m.histogram("cairn_journal_sync_seconds", "Time to write and sync one group.",
                      {0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5})),
      pending_bytes(m.gauge("cairn_journal_pending_bytes", "Bytes that wait to be written.")),
      files(m.gauge("cairn_journal_files", "Files in the journal's folder.")),
      first_position(m.gauge("cairn_journal_first_position", "Position of the first entry still kept.")),
      end_position(m.gauge("cairn_journal_end_position", "Position after the last durable entry.")) {}

}  // namespace cairn::journal
