// Writes one answer on a wire: head and body in one write where the body is here, in chunks where its length
// is not known.
#pragma once

#include <string>

#include "http/head_writer.h"
#include "http/server_core.h"
#include "http/wire.h"

namespace cairn::http {

class AnswerWriter {
 public:
  struct Context {
    bool to_head = false;
    bool http_1_0 = false;
    bool close = false;
  };
  // `scratch` is where heads are written; it keeps its memory from answer to answer.
  AnswerWriter(Wire& wire, LoopSide& side, Millis stall, std::string& scratch, Context context);

  struct Sent {
    int status;
    bool close;  // no further request may follow
  };
  // An answer that cannot be written as it is (a malformed header field, a sized source that fails at once)
  // goes out as a 500. An error: the peer does not have the whole answer, and cannot get it.
  Task<Result<Sent>> send(Response& response);

 private:
  OutFraming framing_of(const Response& response) const;
  bool write_head(const Response& response, const OutFraming& framing);
  Task<Result<Sent>> send_whole(const Response& response, const OutFraming& framing);
  Task<Result<Sent>> send_sized(const Response& response, BodySource& source, const OutFraming& framing);
  Task<Result<Sent>> send_unsized(const Response& response, BodySource& source, const OutFraming& framing);
  Task<Result<Sent>> send_failure();
  Task<Result<void>> send_last_chunk(const BodySource& source);
  Task<Result<void>> send_chunk(std::span<const std::byte> piece);

  Wire& wire_;
  LoopSide& side_;
  Millis stall_;
  std::string& out_;
  Context context_;
};

}  // namespace cairn::http
