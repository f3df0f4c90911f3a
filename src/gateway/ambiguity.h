// Requests that Cairn and their upstream could read in two ways: what is judged and recorded here would not
// be what is done there. Nobody's SDK sends them; they are refused with 400. Pure.
#pragma once

#include <string_view>

#include "aws/recognise.h"
#include "codec/headers.h"

namespace cairn::gateway {

// What is ambiguous about a head; empty: nothing.
std::string_view ambiguity_of(const codec::RequestHead& head);
// Likewise of a form's parameters, in the query and in the body: "Action" and "Version" stand there once.
std::string_view ambiguity_of_form(const codec::RequestHead& head, std::string_view form);

// Likewise of what a head was recognised as: an Action is asked for by a GET or a POST at the root (SQS's at
// a queue's path, too). Elsewhere a server of another kind may see a call of its own. And S3's query has the
// keys of one operation.
std::string_view ambiguity_of_call(const codec::RequestHead& head, const aws::Recognised& call);

// A field that says who or what is called, or where the body ends: behind the body it would be a second word.
bool belongs_into_head(std::string_view field);

// Is it what a browser asks of S3 before it sends a page's request? It does nothing, so nobody signs it.
bool is_preflight(const codec::RequestHead& head, std::string_view service, bool has_body);

}  // namespace cairn::gateway
