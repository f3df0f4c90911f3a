// A sealed catalog against the suite; and what lies behind it.
#include "catalog/sealed/sealed_catalog.h"

#include "catalog/catalog_conformance.h"
#include "catalog/memory/memory_catalog.h"

namespace cairn::catalog::conformance {
namespace {

crypto::Secret key_of(char byte) {
  return crypto::Secret(std::string(32, byte));
}

// The suite asks for limits of ten bytes a value, and for pages of a hundred: plain documents have them.
class Sealed final : public Adapter {
 public:
  Sealed(const Clock& clock, Limits limits) {
    auto inner = std::make_unique<memory::MemoryCatalog>(clock, limits);
    inner_ = inner.get();
    catalog_ = sealed::make_sealed(std::move(inner), key_of('k'), {"nothing of the suite's/"});
  }
  Catalog& catalog() override { return *catalog_; }
  void reopen() override {
    auto copy = inner_->durable_copy();
    inner_ = copy.get();
    catalog_ = sealed::make_sealed(std::move(copy), key_of('k'), {"nothing of the suite's/"});
  }

 private:
  memory::MemoryCatalog* inner_;
  std::unique_ptr<Catalog> catalog_;
};

std::unique_ptr<Adapter> make_sealed_memory(const Clock& clock, Limits limits) {
  return std::make_unique<Sealed>(clock, limits);
}

INSTANTIATE_TEST_SUITE_P(Sealed, CatalogConformance, testing::Values(&make_sealed_memory));

class SealedCatalogTest : public testing::Test {
 protected:
  template <class T>
  T wait(Task<T> task) {
    return async::run(loops_.next().get_executor(), std::move(task));
  }
  std::unique_ptr<Catalog> open(char key = 'k') {
    auto copy = behind_->durable_copy();
    behind_ = copy.get();
    return sealed::make_sealed(std::move(copy), key_of(key), {"kept/"});
  }
  static Transaction transaction() {
    Transaction made;
    made.writes = {{"kept/a", "TellNobody", {}}, {"shown/a", "TellAll", {}}};
    made.outbox = {"TellNobody", ""};
    return made;
  }

  FakeClock clock_;
  async::Loops loops_{1};
  memory::MemoryCatalog first_{clock_};
  memory::MemoryCatalog* behind_ = &first_;
};

TEST_F(SealedCatalogTest, behind_it_rows_and_documents_of_its_prefixes_cannot_be_read) {
  const auto catalog = open();
  ASSERT_TRUE(wait(catalog->commit(transaction())));
  EXPECT_EQ(wait(catalog->get("kept/a")).value()->value, "TellNobody");
  EXPECT_EQ(wait(catalog->scan("", "", 10)).value().front().value, "TellNobody");
  const auto rows = wait(catalog->outbox(0, 10)).value();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].payload, "TellNobody");
  EXPECT_EQ(rows[1].payload, "");

  EXPECT_EQ(wait(behind_->get("kept/a")).value()->value.find("TellNobody"), std::string::npos);
  EXPECT_EQ(wait(behind_->get("kept/a")).value()->value.size(), 10 + sealed::kOverheadBytes);
  EXPECT_EQ(wait(behind_->outbox(0, 1)).value().front().payload.find("TellNobody"), std::string::npos);
  EXPECT_EQ(wait(behind_->get("shown/a")).value()->value, "TellAll");

  ASSERT_TRUE(wait(catalog->outbox_delete(2, {{"kept/b", "TellNobody", {}}})));
  EXPECT_EQ(wait(behind_->get("kept/b")).value()->value.find("TellNobody"), std::string::npos);
  EXPECT_EQ(wait(catalog->get("kept/b")).value()->value, "TellNobody");
}

TEST_F(SealedCatalogTest, what_was_there_before_it_is_read_on) {
  ASSERT_TRUE(wait(behind_->commit(transaction())));
  const auto catalog = open();
  EXPECT_EQ(wait(catalog->get("kept/a")).value()->value, "TellNobody");
  EXPECT_EQ(wait(catalog->outbox(0, 1)).value().front().payload, "TellNobody");
}

TEST_F(SealedCatalogTest, what_does_not_open_is_an_error_of_a_document_and_a_damaged_row) {
  const auto catalog = open();
  ASSERT_TRUE(wait(catalog->commit(transaction())));
  const auto moved = wait(behind_->get("kept/a")).value()->value;
  Transaction damage;
  damage.writes = {{"kept/moved", moved, {}}};
  damage.outbox = {moved};
  ASSERT_TRUE(wait(behind_->commit(damage)));
  EXPECT_EQ(wait(catalog->get("kept/moved")).error().code, Errc::corrupt);
  EXPECT_EQ(wait(catalog->get("kept/moved")).error().subject, "kept/moved");
  EXPECT_EQ(wait(catalog->scan("kept/", "", 10)).error().code, Errc::corrupt);
  EXPECT_EQ(wait(catalog->outbox(2, 10)).value().front().payload, moved);

  const auto other = open('x');
  EXPECT_EQ(wait(other->get("kept/a")).error().code, Errc::denied);
  EXPECT_EQ(wait(other->get("shown/a")).value()->value, "TellAll");
}

TEST_F(SealedCatalogTest, rows_of_another_key_are_an_error_and_not_damaged_ones) {
  const auto catalog = open();
  ASSERT_TRUE(wait(catalog->commit(transaction())));
  const auto other = open('x');
  EXPECT_EQ(wait(other->outbox(0, 10)).error().code, Errc::denied);
  EXPECT_EQ(wait(other->outbox(0, 10)).error().subject, "1");
  const auto again = open();
  EXPECT_EQ(wait(again->outbox(0, 10)).value().front().payload, "TellNobody");
}

TEST_F(SealedCatalogTest, what_is_sealed_already_is_kept_as_it_is) {
  const auto catalog = open();
  ASSERT_TRUE(wait(catalog->commit(transaction())));
  const auto row = wait(behind_->outbox(0, 1)).value().front().payload;
  ASSERT_TRUE(wait(catalog->outbox_delete(1, {{"kept/row", row, {}}})));
  EXPECT_EQ(wait(behind_->get("kept/row")).value()->value, row);
}

}  // namespace
}  // namespace cairn::catalog::conformance
