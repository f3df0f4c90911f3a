// Decoded: documents of the catalog that are read at every call, decoded once. The catalog is asked each time
// all the same: what it answers is compared as text, so nothing given out is older than its answer.
//
// Thread-safe. Bounded: when it is full it starts over.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "catalog/catalog.h"

namespace cairn::access {

template <class T>
class Decoded {
 public:
  static constexpr std::size_t kDocumentsMax = 4096;
  static constexpr std::size_t kBytesMax = 4U << 20;  // of their texts

  // What `decode` makes of the document; errors are its own, and are not kept.
  template <class Decode>
  Result<std::shared_ptr<const T>> of(const catalog::Document& document, Decode decode) {
    {
      const std::lock_guard lock(mutex_);
      const auto found = kept_.find(document.key);
      if (found != kept_.end() && found->second.text == document.value) {
        return found->second.value;
      }
    }
    CAIRN_TRY(auto decoded, decode(document));
    auto value = std::make_shared<const T>(std::move(decoded));
    keep(document, value);
    return value;
  }

 private:
  struct Kept {
    std::string text;
    std::shared_ptr<const T> value;
  };

  void keep(const catalog::Document& document, std::shared_ptr<const T> value) {
    const std::lock_guard lock(mutex_);
    if (kept_.size() >= kDocumentsMax || bytes_ + document.value.size() > kBytesMax) {
      kept_.clear();
      bytes_ = 0;
    }
    auto& kept = kept_[document.key];
    bytes_ += document.value.size() - kept.text.size();
    kept = {document.value, std::move(value)};
  }

  std::mutex mutex_;
  std::unordered_map<std::string, Kept> kept_;  // by the document's key; guarded
  std::size_t bytes_ = 0;                       // guarded
};

}  // namespace cairn::access
