// The models that models.S put into the program, and how one is found: one text for each service that is
// answered here, and an archive of all others (tools/generate_catalogue.py):
//
//   cairn models 1
//   NAME PACKED_BYTES BYTES {"metadata":{…}}      one line a service
//                                                 an empty line
//   gzip of a model, one behind the other
#include <algorithm>
#include <charconv>
#include <tuple>

#include "aws/model.h"
#include "base/check.h"
#include "codec/gzip.h"

#define MODEL(symbol, file)                     \
  extern "C" const char cairn_model_##symbol[]; \
  extern "C" const char cairn_model_##symbol##_end[];
#include "aws/models/models.inc"
#undef MODEL
extern "C" const char cairn_models_everything[];
extern "C" const char cairn_models_everything_end[];

namespace cairn::aws {

struct Catalogue::Entry {
  std::string name;
  std::string_view text;               // the model; packed if `bytes` is not 0
  std::size_t bytes = 0;               // of the unpacked model
  std::unique_ptr<Service> outline{};  // the metadata alone
  mutable std::once_flag once{};
  mutable std::unique_ptr<Service> service{};

  std::size_t size() const { return bytes == 0 ? text.size() : bytes; }
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

std::string_view archive() {
  return {cairn_models_everything,
          static_cast<std::size_t>(cairn_models_everything_end - cairn_models_everything)};
}

std::unique_ptr<Service> outline_of(const std::string& name, std::string_view metadata) {
  auto outline = load_service(name, metadata);
  CAIRN_CHECK(outline.has_value());
  return *std::move(outline);
}

// The metadata is a model's first line: `{"metadata":{…},`.
std::string first_line(std::string_view text) {
  auto line = std::string(text.substr(0, text.find('\n')));
  CAIRN_CHECK(line.ends_with(','));
  line.back() = '}';
  return line;
}

std::string_view take_until(std::string_view& text, char end) {
  const auto at = text.find(end);
  CAIRN_CHECK(at != std::string_view::npos);
  const auto part = text.substr(0, at);
  text.remove_prefix(at + 1);
  return part;
}

std::size_t take_number(std::string_view& text) {
  const auto digits = take_until(text, ' ');
  std::size_t number = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  CAIRN_CHECK(result.ec == std::errc{});
  return number;
}

std::unique_ptr<Service> unpacked(const std::string& name, std::string_view text, std::size_t bytes) {
  if (bytes == 0) {
    return outline_of(name, text);
  }
  const auto model = codec::gzip_decompress(text, bytes);
  CAIRN_CHECK(model.has_value());
  return outline_of(name, *model);
}

}  // namespace

Catalogue::Catalogue() = default;
Catalogue::~Catalogue() = default;

void Catalogue::add(std::shared_ptr<Entry> entry) {
  const auto& outline = *entry->outline;
  signing_names_[outline.signing_name].push_back(entry.get());
  endpoint_prefixes_[outline.endpoint_prefix].push_back(entry.get());
  for (const auto& prefix : outline.target_prefixes) {
    target_prefixes_[prefix].push_back(entry.get());
  }
  entries_.push_back(std::move(entry));
}

void Catalogue::sort() {
  std::ranges::sort(entries_, {}, [](const auto& entry) { return std::string_view(entry->name); });
  for (auto* index : {&signing_names_, &endpoint_prefixes_, &target_prefixes_}) {
    for (auto& [name, entries] : *index) {
      std::ranges::sort(entries, [&name](const Entry* a, const Entry* b) {
        return std::tuple(a->name != name, b->size(), a->name) <
               std::tuple(b->name != name, a->size(), b->name);
      });
    }
  }
}

std::unique_ptr<Catalogue> Catalogue::of_companions() {
  std::unique_ptr<Catalogue> made(new Catalogue);
  for (const auto& model : embedded()) {
    auto entry = std::make_shared<Entry>();
    entry->name = model.file.substr(0, model.file.size() - std::string_view(".json").size());
    entry->text = model.text;
    entry->outline = outline_of(entry->name, first_line(model.text));
    made->add(std::move(entry));
  }
  made->sort();
  return made;
}

std::unique_ptr<Catalogue> Catalogue::of_everything(const Catalogue& companions) {
  std::unique_ptr<Catalogue> made(new Catalogue);
  for (const auto& entry : companions.entries_) {
    made->add(entry);
  }
  auto rest = archive();
  CAIRN_CHECK(take_until(rest, '\n') == "cairn models 1");
  std::vector<std::pair<std::shared_ptr<Entry>, std::size_t>> packed;
  for (auto line = take_until(rest, '\n'); !line.empty(); line = take_until(rest, '\n')) {
    auto entry = std::make_shared<Entry>();
    entry->name = take_until(line, ' ');
    const auto size = take_number(line);
    entry->bytes = take_number(line);
    entry->outline = outline_of(entry->name, line);
    packed.emplace_back(std::move(entry), size);
  }
  for (auto& [entry, size] : packed) {
    entry->text = rest.substr(0, size);
    rest.remove_prefix(size);
    made->add(std::move(entry));
  }
  CAIRN_CHECK(rest.empty());
  made->sort();
  return made;
}

const Service& Catalogue::loaded(const Entry& entry) {
  std::call_once(entry.once, [&entry] { entry.service = unpacked(entry.name, entry.text, entry.bytes); });
  return *entry.service;
}

std::vector<const Service*> Catalogue::loaded(const Index& index, std::string_view name) {
  std::vector<const Service*> services;
  if (const auto found = index.find(name); found != index.end()) {
    services.reserve(found->second.size());
    for (const auto* entry : found->second) {
      services.push_back(&loaded(*entry));
    }
  }
  return services;
}

const Service* Catalogue::first(const Index& index, std::string_view name) {
  const auto found = index.find(name);
  return found == index.end() ? nullptr : &loaded(*found->second.front());
}

const Service* Catalogue::by_name(std::string_view name) const {
  const auto found =
      std::ranges::lower_bound(entries_, name, {}, [](const auto& e) { return std::string_view(e->name); });
  return found == entries_.end() || (*found)->name != name ? nullptr : &loaded(**found);
}

const Service* Catalogue::by_signing_name(std::string_view name) const {
  return first(signing_names_, name);
}

const Service* Catalogue::by_endpoint_prefix(std::string_view prefix) const {
  return first(endpoint_prefixes_, prefix);
}

const Service* Catalogue::by_target_prefix(std::string_view prefix) const {
  return first(target_prefixes_, prefix);
}

std::vector<const Service*> Catalogue::all_by_signing_name(std::string_view name) const {
  return loaded(signing_names_, name);
}

std::vector<const Service*> Catalogue::all_by_endpoint_prefix(std::string_view prefix) const {
  return loaded(endpoint_prefixes_, prefix);
}

std::vector<const Service*> Catalogue::all_by_target_prefix(std::string_view prefix) const {
  return loaded(target_prefixes_, prefix);
}

const Service* Catalogue::by_action(std::string_view action, std::string_view version) const {
  for (const bool same_version : {true, false}) {
    const Service* largest = nullptr;
    for (const auto& entry : entries_) {
      const auto& outline = *entry->outline;
      if ((!outline.speaks(Protocol::query) && !outline.speaks(Protocol::ec2)) ||
          (outline.api_version == version) != same_version) {
        continue;
      }
      const auto& service = loaded(*entry);
      const bool larger = largest == nullptr || service.operations.size() > largest->operations.size();
      largest = service.operation(action) != nullptr && larger ? &service : largest;
    }
    if (largest != nullptr) {
      return largest;
    }
  }
  return nullptr;
}

std::vector<const Service*> Catalogue::all() const {
  std::vector<const Service*> services;
  for (const auto& entry : entries_) {
    services.push_back(&loaded(*entry));
  }
  return services;
}

const Catalogue& catalogue() {
  static const auto kCatalogue = Catalogue::of_companions();
  return *kCatalogue;
}

const Catalogue& everything() {
  static const auto kEverything = Catalogue::of_everything(catalogue());
  return *kEverything;
}

}  // namespace cairn::aws
