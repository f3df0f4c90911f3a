#include "node/blob_store.h"

#include "blob/dir/dir_blob.h"
#include "blob/sealed/sealed_blob.h"

namespace cairn::node {

Result<std::unique_ptr<blob::Blob>> open_blobs(const std::filesystem::path& folder,
                                               const crypto::MasterKey& key, async::Pool& pool,
                                               Metrics& metrics) {
  CAIRN_TRY(auto files, blob::dir::open({.folder = folder}, pool, metrics));
  return blob::sealed::seal(std::move(files), key);
}

}  // namespace cairn::node
