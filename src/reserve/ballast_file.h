// The reserve's file on a real file system.
#pragma once

#include <filesystem>
#include <memory>

#include "reserve/reserve.h"

namespace cairn::reserve {

// Errors: as opening a file.
Result<std::unique_ptr<Ballast>> ballast_file(const std::filesystem::path& file);

}  // namespace cairn::reserve
