#include "http/answer.h"

#include <charconv>

#include "base/log.h"

namespace cairn::http {
namespace {

bool may_have_body(int status) {
  return status != 204 && status != 304;
}

// What a handler says of a body that is not sent: a HEAD's, a 304's.
std::optional<std::uint64_t> declared_length(const codec::Headers& headers) {
  const auto text = headers.get("content-length");
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  return text.empty() || error != std::errc{} || end != text.data() + text.size() ? std::nullopt
                                                                                  : std::optional(length);
}

std::optional<std::uint64_t> length_of(const Response& response) {
  if (const auto* text = std::get_if<std::string>(&response.body)) {
    return text->size();
  }
  const auto& source = std::get<std::unique_ptr<BodySource>>(response.body);
  return source ? source->size() : 0;
}

boost::asio::const_buffer buffer_of(std::span<const std::byte> bytes) {
  return {bytes.data(), bytes.size()};
}

}  // namespace

AnswerWriter::AnswerWriter(Wire& wire, LoopSide& side, Millis stall, std::string& scratch, Context context)
    : wire_(wire), side_(side), stall_(stall), out_(scratch), context_(context) {}

OutFraming AnswerWriter::framing_of(const Response& response) const {
  OutFraming framing{.length = {}, .chunked = false, .close = context_.close};
  if (response.status == 204) {
    return framing;
  }
  if (context_.to_head || response.status == 304) {
    framing.length = declared_length(response.headers);
  }
  if (!framing.length && response.status != 304) {
    framing.length = length_of(response);
  }
  if (!framing.length && !context_.to_head && may_have_body(response.status)) {
    framing.chunked = !context_.http_1_0;
    framing.close |= context_.http_1_0;
  }
  return framing;
}

bool AnswerWriter::write_head(const Response& response, const OutFraming& framing) {
  out_.clear();
  const auto written = append_response_head(
      out_, response.status, response.headers, framing,
      response.relayed && response.headers.contains("date") ? std::string_view() : side_.date());
  if (!written) {
    log::error("a handler's answer cannot be written", {{"error", written.error().text()}});
  }
  return written.has_value();
}

Task<Result<AnswerWriter::Sent>> AnswerWriter::send(Response& response) {
  const auto framing = framing_of(response);
  auto* const source = std::get_if<std::unique_ptr<BodySource>>(&response.body);
  const bool streams = source != nullptr && *source && !context_.to_head && may_have_body(response.status);
  if (!streams) {
    co_return co_await send_whole(response, framing);
  }
  if (framing.length) {
    co_return co_await send_sized(response, **source, framing);
  }
  co_return co_await send_unsized(response, **source, framing);
}

Task<Result<AnswerWriter::Sent>> AnswerWriter::send_whole(const Response& response,
                                                          const OutFraming& framing) {
  if (!write_head(response, framing)) {
    co_return co_await send_failure();
  }
  Pieces pieces{boost::asio::buffer(out_)};
  const auto* const text = std::get_if<std::string>(&response.body);
  if (text != nullptr && !context_.to_head && may_have_body(response.status)) {
    pieces[1] = boost::asio::buffer(*text);
  }
  CAIRN_CO_TRY_VOID(co_await wire_.send(pieces, stall_));
  co_return Sent{response.status, framing.close};
}

Task<Result<AnswerWriter::Sent>> AnswerWriter::send_sized(const Response& response, BodySource& source,
                                                          const OutFraming& framing) {
  auto left = *framing.length;
  bool head_sent = false;
  do {
    auto piece = co_await source.read();
    if (piece && (piece->size() > left || (piece->empty() && left > 0))) {
      piece = Error{Errc::invalid, "a handler's body is not as long as it said"};
    }
    if (!piece) {
      log::warn("an answer's body failed", {{"error", piece.error().text()}});
      if (head_sent) {
        co_return std::move(piece).error();
      }
      co_return co_await send_failure();
    }
    if (!head_sent && !write_head(response, framing)) {
      co_return co_await send_failure();
    }
    const Pieces pieces{head_sent ? boost::asio::const_buffer() : boost::asio::buffer(std::as_const(out_)),
                        buffer_of(*piece)};
    head_sent = true;
    left -= piece->size();
    CAIRN_CO_TRY_VOID(co_await wire_.send(pieces, stall_));
  } while (left > 0);
  co_return Sent{response.status, framing.close};
}

// The head goes at once: whoever listens to a stream wants to know that it stands.
Task<Result<AnswerWriter::Sent>> AnswerWriter::send_unsized(const Response& response, BodySource& source,
                                                            const OutFraming& framing) {
  if (!write_head(response, framing)) {
    co_return co_await send_failure();
  }
  const Pieces head{boost::asio::buffer(out_)};
  CAIRN_CO_TRY_VOID(co_await wire_.send(head, stall_));
  while (true) {
    const auto piece = co_await source.read();
    if (!piece) {
      log::warn("an answer's body failed", {{"error", piece.error().text()}});
      co_return piece.error();
    }
    if (framing.chunked && piece->empty()) {
      CAIRN_CO_TRY_VOID(co_await send_last_chunk(source));
    } else if (framing.chunked) {
      CAIRN_CO_TRY_VOID(co_await send_chunk(*piece));
    } else {
      const Pieces pieces{buffer_of(*piece)};
      CAIRN_CO_TRY_VOID(co_await wire_.send(pieces, stall_));
    }
    if (piece->empty()) {
      co_return Sent{response.status, framing.close};
    }
  }
}

Task<Result<void>> AnswerWriter::send_chunk(std::span<const std::byte> piece) {
  static constexpr std::string_view kLineEnd = "\r\n";
  out_.clear();
  append_chunk_size(out_, piece.size());
  const Pieces pieces{boost::asio::buffer(out_), buffer_of(piece), boost::asio::buffer(kLineEnd)};
  co_return co_await wire_.send(pieces, stall_);
}

Task<Result<void>> AnswerWriter::send_last_chunk(const BodySource& source) {
  out_.clear();
  append_last_chunk(out_, source.fields_behind());
  const Pieces pieces{boost::asio::buffer(out_)};
  co_return co_await wire_.send(pieces, stall_);
}

Task<Result<AnswerWriter::Sent>> AnswerWriter::send_failure() {
  static constexpr std::string_view kText = "500 Internal Server Error\n";
  Response failure;
  failure.status = 500;
  const OutFraming framing{.length = kText.size(), .chunked = false, .close = true};
  CAIRN_CHECK(write_head(failure, framing));
  const Pieces pieces{boost::asio::buffer(out_),
                      context_.to_head ? boost::asio::const_buffer() : boost::asio::buffer(kText)};
  CAIRN_CO_TRY_VOID(co_await wire_.send(pieces, stall_));
  co_return Sent{500, true};
}

}  // namespace cairn::http
