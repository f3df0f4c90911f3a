#include "blob/blob.h"

namespace cairn::blob {

Task<Result<void>> Blob::put(Name name, std::span<const std::byte> bytes) {
  CAIRN_CO_TRY(auto out, co_await writer(std::move(name)));
  CAIRN_CO_TRY_VOID(co_await out->write(bytes));
  co_return co_await out->commit();
}

Task<Result<std::string>> Blob::get(Name name) {
  const Range whole;
  CAIRN_CO_TRY(auto in, co_await reader(std::move(name), whole));
  std::string bytes(in->size(), '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const auto rest = std::as_writable_bytes(std::span(bytes)).subspan(filled);
    CAIRN_CO_TRY(const auto count, co_await in->read(rest));
    if (count == 0) {
      co_return Error{Errc::corrupt, "blob ends early"};
    }
    filled += count;
  }
  co_return bytes;
}

}  // namespace cairn::blob
