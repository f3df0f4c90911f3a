// Any request, any answer: a record all the same. The first line chooses scope and status, then come the
// request's head, an empty line, its body; a line "===" parts it from the answer's.
#include <cstdint>

#include "base/check.h"
#include "capture/capture.h"
#include "json/json.h"

namespace {

using namespace cairn;  // NOLINT: a program of its own

std::string_view take_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

codec::Headers take_headers(std::string_view& text) {
  codec::Headers headers;
  for (auto line = take_line(text); !line.empty(); line = take_line(text)) {
    const auto colon = std::min(line.find(':'), line.size());
    headers.add(std::string(line.substr(0, colon)),
                std::string(line.substr(std::min(colon + 2, line.size()))));
  }
  return headers;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto scope = take_line(text);
  codec::RequestHead request{std::string(take_line(text)), std::string(take_line(text)), {}};
  request.headers = take_headers(text);
  const auto parted = std::min(text.find("\n===\n"), text.size());
  const auto body = text.substr(0, parted);
  auto answer = text.substr(std::min(parted + 5, text.size()));
  const codec::ResponseHead response{answer.starts_with('4') ? 400 : 200, take_headers(answer)};
  const auto call = aws::recognise({.head = request,
                                    .scope_service = scope,
                                    .form = aws::reads_form(request) ? body : std::string_view{},
                                    .s3_domains = {},
                                    .among = aws::everything(),
                                    .lenient = true});
  const auto record = capture::record_of(
      {.call = call ? &*call : nullptr, .refusal = call ? nullptr : &call.error(), .scope_service = scope},
      {.request = request,
       .request_body = {body, size % 2 == 0},
       .response = &response,
       .response_body = {answer, size % 3 != 0}},
      {.identity = {},
       .account = "111122223333",
       .region = "eu-west-1",
       .time = {},
       .event_id = "e",
       .source_address = "127.0.0.1"});
  CAIRN_CHECK(json::parse_object(event::to_json(record)).has_value());
  return 0;
}
