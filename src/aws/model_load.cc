// Reading a service model: botocore's layout, with or without its documentation, and the few keys that
// tools/generate_models.py adds.
#include <fmt/format.h>

#include "aws/model.h"
#include "aws/route.h"
#include "json/json.h"

namespace cairn::aws {
namespace {

using boost::json::object;
using boost::json::value;

// Looking into a model. What is absent or of another type is empty: what matters is checked where it is used.
std::string_view text_at(const object& from, std::string_view key) {
  const auto* found = from.if_contains(key);
  return found != nullptr && found->is_string() ? std::string_view(found->get_string()) : std::string_view{};
}

bool flag_at(const object& from, std::string_view key) {
  const auto* found = from.if_contains(key);
  return found != nullptr && found->is_bool() && found->get_bool();
}

const object& child_at(const object& from, std::string_view key) {
  static const object kEmpty;
  const auto* found = from.if_contains(key);
  return found != nullptr && found->is_object() ? found->get_object() : kEmpty;
}

std::optional<double> number_at(const object& from, std::string_view key) {
  const auto* found = from.if_contains(key);
  return found != nullptr && found->is_number() ? std::optional(found->to_number<double>()) : std::nullopt;
}

std::vector<std::string> texts_at(const object& from, std::string_view key) {
  std::vector<std::string> out;
  if (const auto* found = from.if_contains(key); found != nullptr && found->is_array()) {
    for (const auto& item : found->get_array()) {
      const auto* named = item.is_object() ? &item.get_object() : nullptr;
      out.emplace_back(named != nullptr   ? text_at(*named, "shape")
                       : item.is_string() ? std::string_view(item.get_string())
                                          : "");
    }
  }
  return out;
}

std::string upper_first(std::string_view name) {
  std::string out(name);
  if (!out.empty() && out[0] >= 'a' && out[0] <= 'z') {
    out[0] = static_cast<char>(out[0] - 'a' + 'A');
  }
  return out;
}

std::optional<Protocol> protocol_named(std::string_view name) {
  for (const auto protocol : {Protocol::json, Protocol::query, Protocol::rest_json, Protocol::rest_xml,
                              Protocol::ec2, Protocol::cbor}) {
    if (to_string(protocol) == name) {
      return protocol;
    }
  }
  return std::nullopt;
}

std::optional<Kind> kind_named(std::string_view name) {
  constexpr std::pair<std::string_view, Kind> kKinds[] = {
      {"structure", Kind::structure}, {"list", Kind::list},        {"map", Kind::map},
      {"string", Kind::string},       {"character", Kind::string}, {"blob", Kind::blob},
      {"boolean", Kind::boolean},     {"integer", Kind::integer},  {"long", Kind::long_integer},
      {"float", Kind::floating},      {"double", Kind::floating},  {"timestamp", Kind::timestamp},
  };
  const auto* found = std::ranges::find(kKinds, name, &std::pair<std::string_view, Kind>::first);
  return found == std::end(kKinds) ? std::nullopt : std::optional(found->second);
}

Location location_named(std::string_view name) {
  return name == "header"        ? Location::header
         : name == "headers"     ? Location::headers
         : name == "uri"         ? Location::uri
         : name == "querystring" ? Location::querystring
         : name == "statusCode"  ? Location::status_code
                                 : Location::body;
}

TimestampFormat timestamp_named(std::string_view name) {
  return name == "iso8601"         ? TimestampFormat::iso8601
         : name == "rfc822"        ? TimestampFormat::rfc822
         : name == "unixTimestamp" ? TimestampFormat::unix_seconds
                                   : TimestampFormat::by_protocol;
}

std::optional<XmlNamespace> namespace_in(const object& from) {
  const auto* found = from.if_contains("xmlNamespace");
  if (found == nullptr) {
    return std::nullopt;
  }
  if (found->is_string()) {
    return XmlNamespace{std::string(found->get_string()), ""};
  }
  const auto& parts = child_at(from, "xmlNamespace");
  return XmlNamespace{std::string(text_at(parts, "uri")), std::string(text_at(parts, "prefix"))};
}

Error corrupt_model(std::string_view what, std::string_view subject) {
  return Error{Errc::corrupt, fmt::format("service model: {}", what), std::string(subject)};
}

class ModelLoader {
 public:
  ModelLoader(std::string name, const object& source) : source_(source) { service_->name = std::move(name); }

  Result<std::unique_ptr<Service>> load() {
    CAIRN_TRY_VOID(metadata());
    for (const auto& [name, shape] : child_at(source_, "shapes")) {
      service_->shapes[std::string(name)].name = std::string(name);
    }
    for (const auto& [name, shape] : child_at(source_, "shapes")) {
      if (!shape.is_object()) {
        return corrupt_model("a shape is no object", name);
      }
      CAIRN_TRY_VOID(fill(service_->shapes.find(std::string_view(name))->second, shape.get_object()));
    }
    for (const auto& [name, operation] : child_at(source_, "operations")) {
      CAIRN_TRY_VOID(add_operation(name, operation));
    }
    for (const auto& [name, shape] : service_->shapes) {
      if (shape.exception) {
        service_->errors.emplace(shape.error_code, &shape);
      }
    }
    if (service_->speaks(Protocol::rest_json) || service_->speaks(Protocol::rest_xml)) {
      service_->routes = std::make_shared<RouteTable>(*service_);
    }
    return std::move(service_);
  }

 private:
  Result<void> metadata() {
    const auto& from = child_at(source_, "metadata");
    auto& to = *service_;
    to.endpoint_prefix = text_at(from, "endpointPrefix");
    to.signing_name =
        from.contains("signingName") ? text_at(from, "signingName") : text_at(from, "endpointPrefix");
    to.service_id = text_at(from, "serviceId");
    to.api_version = text_at(from, "apiVersion");
    to.json_version = from.contains("jsonVersion") ? text_at(from, "jsonVersion") : "1.1";
    to.hides_values = flag_at(from, "hidesValues");
    to.query_compatible = from.contains("awsQueryCompatible");
    to.json_has_own_names = flag_at(from, "jsonHasOwnNames");
    to.message_member = from.contains("messageMember") ? text_at(from, "messageMember") : "message";
    to.target_prefixes = texts_at(from, "targetPrefixAliases");
    if (from.contains("targetPrefix")) {
      to.target_prefixes.emplace(to.target_prefixes.begin(), text_at(from, "targetPrefix"));
    }
    if (auto found = namespace_in(from)) {
      to.xml_namespace = found->uri;
    }
    auto protocols = texts_at(from, "protocols");
    if (protocols.empty()) {
      protocols.emplace_back(text_at(from, "protocol"));
    }
    for (const auto& name : protocols) {
      if (const auto protocol = protocol_named(name)) {
        to.protocols.push_back(*protocol);
      }
    }
    // What we cannot speak goes last, so that protocol() is one that we can, if there is any.
    std::ranges::stable_partition(to.protocols,
                                  [](Protocol p) { return p != Protocol::cbor && p != Protocol::ec2; });
    return to.protocols.empty() ? Result<void>(corrupt_model("no known protocol", to.name)) : Result<void>();
  }

  Result<const Shape*> shape_of(const object& use) const {
    const auto found = service_->shapes.find(text_at(use, "shape"));
    if (found == service_->shapes.end()) {
      return corrupt_model("no such shape", text_at(use, "shape"));
    }
    return &found->second;
  }

  // A use of a shape takes over what the shape says and it does not.
  Result<Member> use_of(std::string_view name, const object& use) const {
    Member member;
    CAIRN_TRY(member.shape, shape_of(use));
    const auto& shape = child_at(child_at(source_, "shapes"), member.shape->name);
    const auto either = [&](std::string_view key) {
      return use.contains(key) ? text_at(use, key) : text_at(shape, key);
    };
    const auto any = [&](std::string_view key) { return flag_at(use, key) || flag_at(shape, key); };
    member.name = name;
    // A structure's own name is for where it is the root.
    const auto wire_name =
        text_at(shape, "type") == "structure" ? text_at(use, "locationName") : either("locationName");
    member.renamed = !wire_name.empty();
    member.wire_name = member.renamed ? wire_name : name;
    member.json_name = service_->json_has_own_names ? member.name : member.wire_name;
    member.ec2_name =
        use.contains("queryName") ? std::string(text_at(use, "queryName")) : upper_first(member.wire_name);
    member.location = location_named(either("location"));
    member.timestamp = timestamp_named(either("timestampFormat"));
    member.flattened = any("flattened");
    member.streaming = any("streaming");
    member.sensitive = any("sensitive");
    member.xml_attribute = flag_at(use, "xmlAttribute");
    member.json_value = any("jsonvalue");
    member.idempotency_token = flag_at(use, "idempotencyToken");
    member.xml_namespace = namespace_in(use.contains("xmlNamespace") ? use : shape);
    return member;
  }

  Result<void> fill(Shape& to, const object& from) const {
    const auto kind = kind_named(text_at(from, "type"));
    if (!kind) {
      return corrupt_model("unknown type of shape", to.name);
    }
    to.kind = *kind;
    to.xml_name = from.contains("locationName") ? text_at(from, "locationName") : std::string_view(to.name);
    to.document = flag_at(from, "document");
    to.union_ = flag_at(from, "union");
    to.event_stream = flag_at(from, "eventstream");
    to.sensitive = flag_at(from, "sensitive");
    to.min = number_at(from, "min");
    to.max = number_at(from, "max");
    to.values = texts_at(from, "enum");
    if (from.contains("pattern")) {
      to.pattern.emplace(std::string(text_at(from, "pattern")),
                         std::string(text_at(from, from.contains("re2") ? "re2" : "pattern")));
    }
    fill_error(to, from);
    if (to.kind == Kind::list) {
      CAIRN_TRY(to.element, use_of("", child_at(from, "member")));
    }
    if (to.kind == Kind::map) {
      CAIRN_TRY(to.key, use_of("", child_at(from, "key")));
      CAIRN_TRY(to.element, use_of("", child_at(from, "value")));
    }
    return fill_members(to, from);
  }

  void fill_error(Shape& to, const object& from) const {
    to.exception = flag_at(from, "exception");
    const auto& error = child_at(from, "error");
    to.error_code = to.name;
    to.error_status = static_cast<int>(number_at(error, "httpStatusCode").value_or(400));
    to.sender_fault = !flag_at(from, "fault") && to.error_status < 500;
    if (error.contains("code")) {
      const bool in_json = service_->protocol() == Protocol::json;
      (in_json ? to.query_error_code : to.error_code) = text_at(error, "code");
    }
  }

  Result<void> fill_members(Shape& to, const object& from) const {
    const auto required = texts_at(from, "required");
    const auto& members = child_at(from, "members");
    to.members.reserve(members.size());
    for (const auto& [name, use] : members) {
      if (!use.is_object()) {
        return corrupt_model("a member is no object", name);
      }
      CAIRN_TRY(auto member, use_of(name, use.get_object()));
      member.required = std::ranges::find(required, member.name) != required.end();
      if (text_at(from, "payload") == member.name) {
        to.payload = to.members.size();
      }
      to.members.push_back(std::move(member));
    }
    return {};
  }

  Result<Body> body(const object& operation, std::string_view key, std::string_view root_key) const {
    Body out;
    if (!operation.contains(key)) {
      return out;
    }
    const auto& use = child_at(operation, key);
    CAIRN_TRY(out.shape, shape_of(use));
    const auto& shape = child_at(child_at(source_, "shapes"), out.shape->name);
    out.root = text_at(use.contains(root_key) ? use : shape, root_key);
    out.xml_namespace = namespace_in(use.contains("xmlNamespace") ? use : shape);
    out.unwrapped = flag_at(use, "unwrapped");
    return out;
  }

  Result<void> add_operation(std::string_view name, const value& source) {
    if (!source.is_object()) {
      return corrupt_model("an operation is no object", name);
    }
    const auto& from = source.get_object();
    Operation operation;
    operation.service = service_.get();
    operation.name = name;
    split_uri(child_at(from, "http"), operation);
    operation.deprecated = flag_at(from, "deprecated");
    operation.unsigned_call = text_at(from, "authtype") == "none";
    operation.checksum_required = flag_at(child_at(from, "httpChecksum"), "requestChecksumRequired");
    operation.checksum_member = text_at(child_at(from, "httpChecksum"), "requestAlgorithmMember");
    CAIRN_TRY(operation.input, body(from, "input", "locationName"));
    CAIRN_TRY(operation.output, body(from, "output", "locationName"));
    if (operation.output.shape != nullptr) {
      operation.result_wrapper = operation.name + "Result";
    }
    for (const auto& error : texts_at(from, "errors")) {
      const auto found = service_->shapes.find(error);
      if (found == service_->shapes.end()) {
        return corrupt_model("no such error", error);
      }
      operation.errors.push_back(&found->second);
    }
    service_->operations.emplace(std::string(name), std::move(operation));
    return {};
  }

  static void split_uri(const object& http, Operation& operation) {
    operation.method = http.contains("method") ? text_at(http, "method") : "POST";
    operation.status = static_cast<int>(number_at(http, "responseCode").value_or(200));
    const auto uri = http.contains("requestUri") ? text_at(http, "requestUri") : "/";
    const auto mark = uri.find('?');
    operation.path = uri.substr(0, mark);
    std::size_t from = mark == std::string_view::npos ? uri.size() : mark + 1;
    while (from < uri.size()) {
      const auto end = std::min(uri.find('&', from), uri.size());
      const auto pair = uri.substr(from, end - from);
      const auto equals = std::min(pair.find('='), pair.size());
      operation.query.emplace_back(pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size())));
      from = end + 1;
    }
  }

  const object& source_;
  std::unique_ptr<Service> service_ = std::make_unique<Service>();
};

}  // namespace

Result<std::unique_ptr<Service>> load_service(std::string name, std::string_view text) {
  const auto document = json::parse_object(text);
  if (!document) {
    return corrupt_model(document.error().text(), name);
  }
  return ModelLoader(std::move(name), *document).load();
}

}  // namespace cairn::aws
