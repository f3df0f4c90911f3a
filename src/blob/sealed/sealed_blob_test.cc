// The port's suite over memory and over files, and damage of every kind: Errc::corrupt, never other bytes.
#include "blob/sealed/sealed_blob.h"

#include <filesystem>
#include <fstream>
#include <random>

#include "async/pool.h"
#include "blob/blob_conformance.h"
#include "blob/dir/dir_blob.h"
#include "blob/memory/memory_blob.h"
#include "crypto/sealed_file.h"

namespace cairn::blob::conformance {
namespace {

using crypto::SealedFile;

bool each(std::string_view) {
  return true;
}

Limits of_sealed(Limits limits) {
  limits.blob_bytes_max = SealedFile::sealed_size(limits.blob_bytes_max);
  return limits;
}

class SealedInMemory final : public Adapter {
 public:
  explicit SealedInMemory(Limits limits)
      : bytes_max_(limits.blob_bytes_max), kept_(std::make_unique<memory::MemoryBlob>(of_sealed(limits))) {}
  Blob& blob() override { return *blob_; }
  void reopen() override {
    kept_ = kept_->durable_copy();
    blob_ = sealed::seal(*kept_, key_, each, bytes_max_);
  }

 private:
  const std::uint64_t bytes_max_;
  const crypto::MasterKey key_ = crypto::MasterKey::generate();
  std::unique_ptr<memory::MemoryBlob> kept_;
  std::unique_ptr<Blob> blob_ = sealed::seal(*kept_, key_, each, bytes_max_);
};

class TemporaryFolder {
 public:
  TemporaryFolder()
      : path_(std::filesystem::temp_directory_path() /
              ("cairn_sealed_" + std::to_string(std::random_device{}()))) {
    std::filesystem::create_directories(path_);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  const std::filesystem::path path_;
};

class SealedFolder final : public Adapter {
 public:
  explicit SealedFolder(Limits limits) : bytes_max_(limits.blob_bytes_max), limits_(of_sealed(limits)) {
    reopen();
  }
  Blob& blob() override { return *blob_; }
  void reopen() override {
    blob_.reset();
    files_.reset();
    files_ = dir::open({.folder = folder_.path() / "blobs", .limits = limits_}, pool_, metrics_).value();
    blob_ = sealed::seal(*files_, key_, each, bytes_max_);
  }

 private:
  const std::uint64_t bytes_max_;
  const Limits limits_;
  const crypto::MasterKey key_ = crypto::MasterKey::generate();
  TemporaryFolder folder_;
  Metrics metrics_;
  async::Pool pool_{4};
  std::unique_ptr<Blob> files_;
  std::unique_ptr<Blob> blob_;
};

template <class T>
std::unique_ptr<Adapter> make_sealed(Limits limits) {
  return std::make_unique<T>(limits);
}

INSTANTIATE_TEST_SUITE_P(Sealed, BlobConformance,
                         testing::Values(&make_sealed<SealedInMemory>, &make_sealed<SealedFolder>));

// The vocabulary: put(), get(), and raw(), raw_put() of what lies in the store beneath.
class SealedBlobTest : public testing::Test {
 protected:
  template <class T>
  T wait(Task<T> task) {
    return async::run(loops_.next().get_executor(), std::move(task));
  }
  void put(const Name& name, std::string_view bytes) {
    ASSERT_TRUE(wait(blob_->put(name, bytes_of(bytes))).has_value());
  }
  static std::string said(const Result<std::string>& bytes) {
    return bytes ? *bytes : "[" + std::string(to_string(bytes.error().code)) + "]";
  }
  std::string get(const Name& name) { return said(wait(blob_->get(name))); }
  std::string get(const Name& name, Range range) {
    auto reader = wait(blob_->reader(name, range));
    if (!reader) {
      return said(std::move(reader).error());
    }
    std::string bytes((*reader)->size(), '\0');
    for (std::size_t at = 0; at < bytes.size();) {
      const auto count = wait((*reader)->read(std::as_writable_bytes(std::span(bytes)).subspan(at)));
      if (!count) {
        return said(count.error());
      }
      at += *count;
    }
    return bytes;
  }
  std::string raw(const Name& name) { return wait(kept_->get(name)).value(); }
  void raw_put(const Name& name, std::string_view bytes) {
    ASSERT_TRUE(wait(kept_->remove(name)).has_value());
    ASSERT_TRUE(wait(kept_->put(name, bytes_of(bytes))).has_value());
  }

  async::Loops loops_{1};
  const crypto::MasterKey key_ = crypto::MasterKey::generate();
  std::unique_ptr<memory::MemoryBlob> kept_ = std::make_unique<memory::MemoryBlob>();
  std::unique_ptr<Blob> blob_ = sealed::seal(*kept_, key_);
};

TEST_F(SealedBlobTest, what_lies_beneath_says_nothing_of_what_was_put) {
  const std::string marked = "a marker that would be found " + std::string(20'000, 'm');
  put("a.sealed", marked);
  put("b.sealed", marked);
  EXPECT_EQ(raw("a.sealed").find("marker"), std::string::npos);
  EXPECT_EQ(raw("a.sealed").find("mmmmmmmm"), std::string::npos);
  EXPECT_NE(raw("a.sealed"), raw("b.sealed"));
  EXPECT_TRUE(get("a.sealed") == marked);
}

TEST_F(SealedBlobTest, names_that_do_not_ask_for_it_are_handed_on) {
  put("old.parquet", "as it was put");
  EXPECT_EQ(raw("old.parquet"), "as it was put");
  EXPECT_EQ(get("old.parquet"), "as it was put");
  EXPECT_EQ(wait(blob_->list("", "", 10)).value().at(0).size, 13U);
}

TEST_F(SealedBlobTest, plain_bytes_under_a_name_that_is_sealed_are_refused) {
  raw_put("a.sealed", "plain bytes that somebody put there");
  raw_put("b.sealed", std::string(100'000, 'p'));
  raw_put("c.sealed", "");
  for (const auto* name : {"a.sealed", "b.sealed", "c.sealed"}) {
    EXPECT_EQ(get(name), "[corrupt]");
  }
  EXPECT_EQ(wait(blob_->list("", "", 10)).value().at(2).size, 0U);
}

TEST_F(SealedBlobTest, every_changed_byte_is_found) {
  for (const std::size_t size : {0UL, 200UL, SealedFile::kPlainBytes + 500}) {
    put("blob.sealed", pattern(size));
    const auto whole = raw("blob.sealed");
    for (std::size_t at = 0; at<whole.size(); at += size> 1000 && at > 100 ? 61 : 1) {
      auto changed = whole;
      changed[at] ^= 0x10;
      raw_put("blob.sealed", changed);
      EXPECT_EQ(get("blob.sealed"), "[corrupt]") << size << " " << at;
    }
    ASSERT_TRUE(wait(blob_->remove("blob.sealed")).has_value());
  }
}

TEST_F(SealedBlobTest, a_blob_that_is_cut_or_continued_is_found) {
  const auto bytes = pattern(20 * SealedFile::kPlainBytes);
  put("blob.sealed", bytes);
  const auto whole = raw("blob.sealed");
  const auto last = whole.substr(whole.size() - SealedFile::kBlockBytes);
  for (const auto& wrong : {whole + "x", whole + last, whole.substr(0, whole.size() - 1),
                            whole.substr(0, whole.size() - last.size()),
                            whole.substr(0, SealedFile::kHeadBytes), whole.substr(0, 1000), std::string()}) {
    raw_put("blob.sealed", wrong);
    EXPECT_EQ(get("blob.sealed"), "[corrupt]") << wrong.size();
    const auto early = get("blob.sealed", {0, 10});
    EXPECT_TRUE(early == "[corrupt]" || early == bytes.substr(0, 10)) << wrong.size();
  }
}

TEST_F(SealedBlobTest, another_blobs_bytes_are_found_and_another_master_key) {
  const auto bytes = pattern(50'000);
  put("a.sealed", bytes);
  put("b.sealed", bytes);
  raw_put("b.sealed", raw("a.sealed"));
  EXPECT_EQ(get("b.sealed"), "[corrupt]");
  EXPECT_EQ(get("b.sealed", {40'000, 10}), "[corrupt]");
  EXPECT_TRUE(get("a.sealed") == bytes);
  const auto other = crypto::MasterKey::generate();
  blob_ = sealed::seal(*kept_, other);
  EXPECT_EQ(get("a.sealed"), "[corrupt]");
}

TEST_F(SealedBlobTest, a_range_opens_only_the_blocks_that_it_touches) {
  const auto bytes = pattern(30 * SealedFile::kPlainBytes);
  put("blob.sealed", bytes);
  auto changed = raw("blob.sealed");
  changed[SealedFile::kHeadBytes + 5 * SealedFile::kBlockBytes] ^= 1;
  raw_put("blob.sealed", changed);
  const auto at = 6 * SealedFile::kPlainBytes;
  EXPECT_TRUE(get("blob.sealed", {at, 100'000}) == bytes.substr(at, 100'000));
  EXPECT_TRUE(get("blob.sealed", {0, at - SealedFile::kPlainBytes}) ==
              bytes.substr(0, at - SealedFile::kPlainBytes));
  EXPECT_EQ(get("blob.sealed", {at - 1, 2}), "[corrupt]");
}

TEST(SealedFiles, a_local_file_opens_with_the_key_that_comes_with_it) {
  SealedFolder folder({});
  async::Loops loops(1);
  const auto wait = [&](auto task) { return async::run(loops.next().get_executor(), std::move(task)); };
  const auto bytes = pattern(100'000);
  ASSERT_TRUE(wait(folder.blob().put("a/b", bytes_of(bytes))).has_value());
  const auto file = wait(folder.blob().local_file("a/b")).value();
  for (const auto& input : {open_file(file).value(), open_for_each_reading(file).value()}) {
    std::string part(70'000, '\0');
    ASSERT_EQ(input->bytes(), bytes.size());
    ASSERT_TRUE(input->read(20'000, part).has_value());
    EXPECT_TRUE(part == bytes.substr(20'000, part.size()));
  }
  std::filesystem::resize_file(file.path, 50'000);
  std::string part(100, '\0');
  const auto cut = open_file(file).value();
  EXPECT_EQ(cut->read(cut->bytes() - part.size(), part).error().code, Errc::corrupt);
  EXPECT_EQ(wait(folder.blob().local_file("none")).error().code, Errc::not_found);
}

}  // namespace
}  // namespace cairn::blob::conformance
