#include "catalog/sqlite/readers.h"

#include <fmt/format.h>

namespace cairn::catalog::sqlite {

// A borrowed reader, given back at the end of a scope.
class Readers::Lent {
 public:
  Lent(Readers& readers, std::unique_ptr<Reader> reader) : readers_(readers), reader_(std::move(reader)) {}
  ~Lent() { readers_.give_back(std::move(reader_)); }
  Lent(const Lent&) = delete;
  Lent& operator=(const Lent&) = delete;
  Reader* operator->() { return reader_.get(); }

 private:
  Readers& readers_;
  std::unique_ptr<Reader> reader_;
};

Result<std::optional<Document>> Readers::get(std::string key) {
  auto found = setup_.cache.find(key);
  if (found.known) {
    return std::move(found.document);
  }
  CAIRN_TRY(auto document, read(key));
  setup_.cache.keep(key, document, found.reading);
  return document;
}

Result<std::optional<Document>> Readers::read(const std::string& key) {
  CAIRN_TRY(auto borrowed, borrow());
  Lent reader(*this, std::move(borrowed));
  const ResetAtEnd reset_at_end(reader->get);
  reader->get.bind(1, key);
  CAIRN_TRY(const bool there, reader->get.step());
  if (!there) {
    return std::optional<Document>();
  }
  return std::optional<Document>(Document{key, std::string(reader->get.bytes(1)), reader->get.number(0)});
}

Result<std::vector<Document>> Readers::scan(const KeyRange& range, std::size_t limit) {
  CAIRN_TRY(auto borrowed, borrow());
  Lent reader(*this, std::move(borrowed));
  const ResetAtEnd reset_at_end(reader->scan);
  PageRoom room(limit, setup_.limits);
  reader->scan.bind(1, range.from);
  reader->scan.bind(2, range.end);
  std::vector<Document> page;
  while (room.open()) {
    CAIRN_TRY(const bool row, reader->scan.step());
    if (!row) {
      break;
    }
    page.push_back(
        {std::string(reader->scan.bytes(0)), std::string(reader->scan.bytes(2)), reader->scan.number(1)});
    room.take(page.back().key.size() + page.back().value.size());
  }
  return page;
}

Result<std::vector<OutboxRow>> Readers::outbox(std::uint64_t after, std::size_t limit) {
  CAIRN_TRY(auto borrowed, borrow());
  Lent reader(*this, std::move(borrowed));
  const ResetAtEnd reset_at_end(reader->outbox);
  PageRoom room(limit, setup_.limits);
  reader->outbox.bind(1, after);
  std::vector<OutboxRow> page;
  while (room.open()) {
    CAIRN_TRY(const bool row, reader->outbox.step());
    if (!row) {
      break;
    }
    page.push_back({reader->outbox.number(0), std::string(reader->outbox.bytes(1))});
    room.take(page.back().payload.size());
  }
  return page;
}

Result<void> Readers::copy_to(const std::filesystem::path& target) const {
  // Its own connection: it takes as long as the file is large. VACUUM INTO wants its target as text.
  CAIRN_TRY(auto connection, Connection::open(setup_.file, Connection::Mode::read, setup_.vfs));
  std::string quoted;
  for (const char c : target.native()) {
    quoted.append(c == '\'' ? 2 : 1, c);
  }
  return connection.run(fmt::format("VACUUM INTO '{}'", quoted).c_str());
}

Result<std::unique_ptr<Readers::Reader>> Readers::open() const {
  CAIRN_TRY(auto connection, Connection::open(setup_.file, Connection::Mode::read, setup_.vfs));
  auto reader = std::make_unique<Reader>(Reader{.connection = std::move(connection)});
  CAIRN_TRY_VOID(reader->connection.run("PRAGMA cache_size=-8192"));
  CAIRN_TRY(reader->get, reader->connection.prepare("SELECT version, value FROM documents WHERE key=?1"));
  CAIRN_TRY(reader->scan,
            reader->connection.prepare(
                "SELECT key, version, value FROM documents WHERE key>=?1 AND key<?2 ORDER BY key"));
  CAIRN_TRY(reader->outbox,
            reader->connection.prepare("SELECT number, payload FROM outbox WHERE number>?1 ORDER BY number"));
  return reader;
}

Result<std::unique_ptr<Readers::Reader>> Readers::borrow() {
  std::unique_lock lock(mutex_);
  returned_.wait(lock, [this] { return !free_.empty() || lent_ < setup_.connections_max; });
  lent_ += 1;
  if (!free_.empty()) {
    auto reader = std::move(free_.back());
    free_.pop_back();
    return reader;
  }
  lock.unlock();
  auto opened = open();
  if (!opened) {
    give_back(nullptr);
  }
  return opened;
}

void Readers::give_back(std::unique_ptr<Reader> reader) {
  {
    const std::lock_guard lock(mutex_);
    lent_ -= 1;
    if (reader) {
      free_.push_back(std::move(reader));
    }
  }
  returned_.notify_one();
}

}  // namespace cairn::catalog::sqlite
