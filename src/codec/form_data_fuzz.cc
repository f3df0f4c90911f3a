// Any body and any boundary: whole or in pieces, the same is read, and no byte of a file twice.
#include "base/check.h"
#include "codec/form_data.h"

namespace {

using namespace cairn;

struct Outcome {
  bool good = false;
  std::string file;
  std::size_t fields = 0;
  bool operator==(const Outcome&) const = default;
};

Outcome decode(std::string_view body, std::string_view boundary, std::size_t piece) {
  codec::FormData form(boundary);
  Outcome out;
  const codec::FormData::Sink sink = [&](std::span<const std::byte> bytes) {
    out.file.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  };
  bool good = true;
  for (std::size_t at = 0; good && at < body.size(); at += piece) {
    good = form.push(std::as_bytes(std::span(body.substr(at, piece))), sink).has_value();
  }
  out.good = good && form.finish().has_value();
  out.fields = form.fields().size();
  CAIRN_CHECK(out.file.size() <= body.size());
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto line = std::min(text.find('\n'), text.size());
  const auto boundary = codec::form_boundary("multipart/form-data; boundary=" + std::string(text.substr(0, line)));
  if (!boundary || line == text.size()) {
    return 0;
  }
  const auto body = text.substr(line + 1);
  const auto whole = decode(body, *boundary, body.size() + 1);
  const auto pieces = decode(body, *boundary, 1 + size % 13);
  // Where it is refused, pieces may have handed on more of it before.
  CAIRN_CHECK(whole.good == pieces.good);
  CAIRN_CHECK(!whole.good || whole == pieces);
  return 0;
}
