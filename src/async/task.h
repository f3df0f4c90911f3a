// Task<T>: what every asynchronous call of ours returns. A coroutine; it runs on the loop of whoever awaits
// it.
//
// Rules: name it, then await it (no braces or captures after co_await in one statement); arguments are taken
// by value, or by reference to what outlives the task by order of construction; no lock is held across a
// co_await.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/result.h"

namespace cairn {

template <class T>
using Task = boost::asio::awaitable<T>;

}  // namespace cairn
