// Rows that no job could seal, alone and again and again: the history does not stop for them, and does not
// lose them. Each goes into a document of the catalog, in the commit that moves the cursor past it, and stays in
// memory, where lookups find it as they find a head's.
//
// Tested by store_trouble_test.cc.
#include "base/check.h"
#include "base/log.h"
#include "store/segmented_store.h"

namespace cairn::store {

// REQUIRES: the job was a seal of one row.
Result<void> SegmentedStore::set_aside(Running running, const Error& error) {
  CAIRN_CHECK(running.kind == Kind::seal && running.size == 1);
  const auto current = snapshot();
  const auto& row = current.heads.front()->row_from(std::max(current.heads.front()->begin(), current.sealed));
  log::error("a record of the history cannot be sealed: it is kept in the catalog",
             {{"position", row.key.position.raw()}, {"reason", error.text()}});
  Aside aside{.position = row.key.position, .time = row.key.time, .json = std::string(row.text)};
  return commit({.running = std::move(running), .made = {}, .aside = std::move(aside)});
}

// A head of them, for the next publish().
std::shared_ptr<Head> SegmentedStore::keep_aside(std::vector<Aside> rows) {
  std::shared_ptr<Head> head;
  for (const auto& aside : rows) {
    auto view = event::view(aside.json);
    if (!view) {
      log::error("a record that was set aside cannot be read", {{"position", aside.position.raw()}});
      continue;
    }
    head = head != nullptr ? head : std::make_shared<Head>(Head::SetAside());
    const Row row{.position = aside.position, .view = *std::move(view), .json = aside.json};
    const auto* const one = &row;
    head->append(std::span(&one, 1), aside.position + 1);
  }
  measures_.aside.set(static_cast<double>(rows.size()));
  aside_ = std::move(rows);
  return head;
}

}  // namespace cairn::store
