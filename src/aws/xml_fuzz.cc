// XML from anywhere: refused, or a tree within its limits, and readable as any of our shapes.
#include <pugixml.hpp>

#include "aws/xml_wire.h"
#include "base/check.h"

namespace {

std::size_t depth_of(const pugi::xml_node& node) {
  std::size_t deepest = 0;
  for (const auto& child : node.children()) {
    deepest = std::max(deepest, depth_of(child));
  }
  return deepest + 1;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace cairn::aws;
  const auto document = parse_xml({reinterpret_cast<const char*>(data), size});
  if (!document) {
    return 0;
  }
  const auto root = (*document)->document_element();
  CAIRN_CHECK(depth_of(root) <= XmlLimits::kDepthMax);
  for (const auto* name :
       {"PutBucketLifecycleConfiguration", "DeleteObjects", "PutBucketAcl", "PutBucketReplication"}) {
    for (const auto& member : catalogue().by_name("s3")->operation(name)->input.shape->members) {
      if (auto decoded = decode_xml(Family::s3, member, root)) {
        XmlWriter writer(true);
        encode_xml({}, member, "Root", *decoded, writer);
        CAIRN_CHECK(!writer.take().empty());
      }
    }
  }
  return 0;
}
