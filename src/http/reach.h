// Reach: which addresses a client may connect to that goes where strangers say, whatever name led there.
//
// Public ones only: not this host, its networks, what carriers and clouds keep for themselves, groups, what
// is reserved, nor any of these inside an address of version 6. What is decided about is what is connected
// to: a name is looked up once. Thread-safe. Tested by reach_test.cc.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <memory>
#include <string_view>

#include "http/http.h"

namespace cairn::http {

bool is_public(const boost::asio::ip::address& address);
// "127.0.0.1", "[::1]" or "localhost": a host that is certainly not public, without a look at any name
// server.
bool is_plainly_local(std::string_view host);

// Errc::denied: the host has an address that is not public.
std::unique_ptr<Client> make_public_client(ClientLimits limits);

}  // namespace cairn::http
