// The models that models.S put into the program, and how one is found.
#include "aws/model.h"
#include "base/check.h"

#define MODEL(symbol, file)                     \
  extern "C" const char cairn_model_##symbol[]; \
  extern "C" const char cairn_model_##symbol##_end[];
#include "aws/models/models.inc"
#undef MODEL

namespace cairn::aws {

struct Catalogue::Entry {
  std::string name;
  std::string_view text;
  std::unique_ptr<Service> outline;  // the metadata alone
  mutable std::once_flag once;
  mutable std::unique_ptr<Service> service;
};

namespace {

struct Embedded {
  std::string_view file;
  std::string_view text;
};

std::vector<Embedded> embedded() {
  std::vector<Embedded> all;
#define MODEL(symbol, file)             \
  all.push_back({file,                  \
                 {cairn_model_##symbol, \
                  static_cast<std::size_t>(cairn_model_##symbol##_end - cairn_model_##symbol)}});
#include "aws/models/models.inc"
#undef MODEL
  return all;
}

// The metadata is the file's first line: `{"metadata":{…},`.
std::unique_ptr<Service> outline_of(const std::string& name, std::string_view text) {
  auto line = std::string(text.substr(0, text.find('\n')));
  CAIRN_CHECK(line.ends_with(','));
  line.back() = '}';
  auto outline = load_service(name, line);
  CAIRN_CHECK(outline.has_value());
  return *std::move(outline);
}

bool has_name(const std::vector<std::string>& list, std::string_view wanted) {
  return std::ranges::find(list, wanted) != list.end();
}

}  // namespace

Catalogue::Catalogue() {
  for (const auto& model : embedded()) {
    auto entry = std::make_unique<Entry>();
    entry->name = model.file.substr(0, model.file.size() - std::string_view(".json").size());
    entry->text = model.text;
    entry->outline = outline_of(entry->name, model.text);
    entries_.push_back(std::move(entry));
  }
}

Catalogue::~Catalogue() = default;

const Service& Catalogue::loaded(const Entry& entry) const {
  std::call_once(entry.once, [&entry] {
    auto service = load_service(entry.name, entry.text);
    CAIRN_CHECK(service.has_value());
    entry.service = *std::move(service);
  });
  return *entry.service;
}

template <class Matches>
const Service* Catalogue::find(Matches matches) const {
  for (const auto& entry : entries_) {
    if (matches(*entry->outline)) {
      return &loaded(*entry);
    }
  }
  return nullptr;
}

const Service* Catalogue::by_name(std::string_view name) const {
  return find([&](const Service& s) { return s.name == name; });
}

const Service* Catalogue::by_signing_name(std::string_view name) const {
  return find([&](const Service& s) { return s.signing_name == name; });
}

const Service* Catalogue::by_endpoint_prefix(std::string_view prefix) const {
  return find([&](const Service& s) { return s.endpoint_prefix == prefix; });
}

const Service* Catalogue::by_target_prefix(std::string_view prefix) const {
  return find([&](const Service& s) { return has_name(s.target_prefixes, prefix); });
}

const Service* Catalogue::by_action(std::string_view action, std::string_view version) const {
  const Service* only_named = nullptr;
  for (const auto& entry : entries_) {
    if (!entry->outline->speaks(Protocol::query) || loaded(*entry).operation(action) == nullptr) {
      continue;
    }
    if (entry->outline->api_version == version) {
      return &loaded(*entry);
    }
    only_named = only_named == nullptr ? &loaded(*entry) : only_named;
  }
  return only_named;
}

std::vector<const Service*> Catalogue::all() const {
  std::vector<const Service*> services;
  for (const auto& entry : entries_) {
    services.push_back(&loaded(*entry));
  }
  return services;
}

const Catalogue& catalogue() {
  static const Catalogue kCatalogue;
  return kCatalogue;
}

}  // namespace cairn::aws
