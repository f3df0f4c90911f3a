// For this folder's tests: an index in a folder that goes away.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "async/loops.h"
#include "base/log.h"
#include "dedupe/dedupe.h"

namespace cairn::dedupe {

using journal::Position;

inline constexpr std::string_view kAccount = "111122223333";
inline const Error kFailed{Errc::limit, "append to journal: as the test asked for"};

class IndexFixture : public testing::Test {
 protected:
  IndexFixture() {
    auto name = (std::filesystem::temp_directory_path() / "cairn-dedupe-XXXXXX").native();
    folder_ = ::mkdtemp(name.data());
    options_.folder = folder_ / "dedupe";
    log::configure(log::Level::error, log::Format::text);  // saves cut short are what these tests are about
  }
  ~IndexFixture() override {
    index_.reset();
    std::filesystem::remove_all(folder_);
  }

  void start() { index_ = Index::open(options_, metrics_).value(); }
  // As after a kill -9: what was not saved is gone.
  void restart() {
    index_.reset();
    start();
  }

  Result<Admission> admit(std::vector<std::string> ids, std::string_view account = kAccount) {
    std::vector<Key> keys;
    for (const auto& id : ids) {
      keys.push_back({account, id});
    }
    return async::run(loops_.next().get_executor(), index_->admit(keys));
  }
  // As many letters as ids: f(resh) or r(epeat). What is fresh is settled.
  std::string see(std::vector<std::string> ids, std::string_view account = kAccount) {
    auto admission = admit(ids, account).value();
    std::string letters;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      letters += admission.is_fresh(i) ? 'f' : 'r';
    }
    admission.settle(Position{0});
    return letters;
  }

  std::filesystem::path folder_;
  Options options_;
  Metrics metrics_;
  async::Loops loops_{2};
  std::unique_ptr<Index> index_;
};

}  // namespace cairn::dedupe
