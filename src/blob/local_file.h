// LocalFile: where a reader in this process, or in a child of it, finds a blob as a file, and how it lies
// there. A value; whoever has it can open the blob.
#pragma once

#include <memory>
#include <string>

#include "base/input.h"
#include "crypto/secret.h"

namespace cairn::blob {

struct LocalFile {
  std::string path;
  // Of a file that lies sealed (crypto/sealed_file.h); none: the file is the blob.
  std::shared_ptr<const crypto::Secret> key;
};

// The blob's bytes. The file stays open, or is opened for each reading, as the name says. Blocks.
// Errc::corrupt when the file is not sealed as it should be, or, at a reading, where it was changed.
Result<std::unique_ptr<const Input>> open_file(const LocalFile& file);
Result<std::unique_ptr<const Input>> open_for_each_reading(const LocalFile& file);

}  // namespace cairn::blob
