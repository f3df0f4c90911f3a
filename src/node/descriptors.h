// The file descriptors of a server: a connection takes one or two, and the files that it writes must have
// theirs whoever knocks.
#pragma once

#include <cstddef>

namespace cairn::node {

// So many of `wanted` connections as leave enough for files, where a process may have `descriptors`.
std::size_t connections_beside_files(std::size_t wanted, std::size_t descriptors);

// Once, at the start: as many descriptors as the system lets this process have. How many that is.
std::size_t raise_descriptors();

}  // namespace cairn::node
