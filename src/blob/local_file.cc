#include "blob/local_file.h"

#include "crypto/sealed_file.h"

namespace cairn::blob {

namespace {

Result<std::unique_ptr<const Input>> opened(Result<std::unique_ptr<const Input>> input,
                                            const LocalFile& file) {
  if (!input || file.key == nullptr) {
    return input;
  }
  auto plain = crypto::sealed_input(*std::move(input), *file.key);
  if (!plain) {
    plain.error().subject = file.path;
  }
  return plain;
}

}  // namespace

Result<std::unique_ptr<const Input>> open_file(const LocalFile& file) {
  return opened(open_input(file.path), file);
}

Result<std::unique_ptr<const Input>> open_for_each_reading(const LocalFile& file) {
  return opened(path_input(file.path), file);
}

}  // namespace cairn::blob
