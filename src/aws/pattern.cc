#include "aws/pattern.h"

#include <re2/re2.h>

namespace cairn::aws {
namespace {

constexpr std::int64_t kProgramBytesMax = 8 << 20;

}  // namespace

struct Pattern::Compiled {
  std::once_flag once;
  std::unique_ptr<re2::RE2> regex;
};

Pattern::Pattern(std::string java, std::string re2)
    : java_(std::move(java)), re2_(std::move(re2)), compiled_(std::make_unique<Compiled>()) {}
Pattern::~Pattern() = default;
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;

const re2::RE2* Pattern::compiled() const {
  std::call_once(compiled_->once, [this] {
    re2::RE2::Options options(re2::RE2::Quiet);
    options.set_max_mem(kProgramBytesMax);
    compiled_->regex = std::make_unique<re2::RE2>(re2_, options);
  });
  return compiled_->regex.get();
}

bool Pattern::usable() const {
  return !re2_.empty() && compiled()->ok();
}

bool Pattern::matches(std::string_view value) const {
  return !usable() || re2::RE2::FullMatch(re2::StringPiece(value.data(), value.size()), *compiled());
}

}  // namespace cairn::aws
