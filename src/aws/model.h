// The public service models as tables: what operations a service has, how their members are named, placed and
// constrained on the wire. All reading, checking and writing of AWS's protocols walks these.
//
// Immutable once loaded; thread-safe. A service is loaded at its first use (some milliseconds at most).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/fault.h"
#include "aws/pattern.h"
#include "base/result.h"

namespace cairn::aws {

enum class Protocol : std::uint8_t { json, query, rest_json, rest_xml, ec2, cbor };
std::string_view to_string(Protocol protocol);

enum class Kind : std::uint8_t {
  structure,
  list,
  map,
  string,
  blob,
  boolean,
  integer,
  long_integer,
  floating,
  timestamp
};
enum class Location : std::uint8_t { body, header, headers, uri, querystring, status_code };
enum class TimestampFormat : std::uint8_t { by_protocol, iso8601, rfc822, unix_seconds };

struct XmlNamespace {
  std::string uri;
  std::string prefix;  // empty: the default namespace
};

struct Shape;

// A use of a shape: a structure's member, a list's element, a map's key or value. Traits of the use win over
// the shape's own.
struct Member {
  std::string name;       // as the model spells it; "" for elements, keys and values
  std::string wire_name;  // the location name, or else `name`
  bool renamed = false;   // the model gives a location name
  std::string json_name;  // in JSON: `wire_name`, but for services that have `name` there (SQS)
  std::string ec2_name;   // in a form of the ec2 protocol
  const Shape* shape = nullptr;
  Location location = Location::body;
  TimestampFormat timestamp = TimestampFormat::by_protocol;
  bool required = false;
  bool flattened = false;
  bool streaming = false;
  bool sensitive = false;
  bool xml_attribute = false;
  bool json_value = false;
  bool idempotency_token = false;
  std::optional<XmlNamespace> xml_namespace;
};

struct Shape {
  std::string name;
  std::string xml_name;  // its element where it is a root that nothing else names
  Kind kind = Kind::structure;
  bool document = false;  // a structure of any JSON
  bool union_ = false;    // a structure of which one member is set
  bool event_stream = false;
  bool sensitive = false;
  std::vector<Member> members;         // of a structure
  Member element;                      // of a list; the value of a map
  Member key;                          // of a map
  std::optional<std::size_t> payload;  // index of the member that is the whole body

  std::optional<double> min;  // of a length, or of a number's value
  std::optional<double> max;
  std::optional<Pattern> pattern;
  std::vector<std::string> values;  // of an enum

  bool exception = false;
  std::string error_code;        // an exception's name on the wire
  std::string query_error_code;  // its name in the query protocol, for query-compatible JSON services
  int error_status = 400;
  bool sender_fault = true;

  const Member* member(std::string_view name) const;
  const Member* payload_member() const { return payload ? &members[*payload] : nullptr; }
  bool is_structure() const { return kind == Kind::structure; }
};

// What an operation takes or gives.
struct Body {
  const Shape* shape = nullptr;  // null: nothing
  std::string root;              // XML's root element; may be empty
  std::optional<XmlNamespace> xml_namespace;
  bool unwrapped = false;  // the root element holds the only member's value itself (GetBucketLocation)
};

struct Service;

struct Operation {
  const Service* service = nullptr;
  std::string name;
  std::string method;  // "POST"
  std::string path;    // the URI template before '?': "/{Bucket}/{Key+}"
  std::vector<std::pair<std::string, std::string>>
      query;  // the template's literal keys: {"acl",""}, {"list-type","2"}
  int status = 200;
  Body input;
  Body output;
  std::string result_wrapper;  // the query protocol's element around the output; empty without output
  std::vector<const Shape*> errors;
  bool deprecated = false;
  bool unsigned_call = false;  // may be called without a signature (AssumeRoleWithWebIdentity, …)
  bool checksum_required = false;
  std::string checksum_member;  // the input member that names the checksum's algorithm

  // The payload member, if it is a stream: not in the decoded or encoded object, but moved by the caller.
  const Member* streaming_input() const;
  const Member* streaming_output() const;
};

class RouteTable;

struct Service {
  std::string name;             // "cloudtrail-data": the model's folder
  std::string signing_name;     // in the credential scope, and the event source's first part: "monitoring"
  std::string endpoint_prefix;  // in host names
  std::string service_id;       // "CloudTrail Data"
  std::string api_version;      // "2013-11-01"
  std::string json_version;     // "1.1"
  std::vector<Protocol> protocols;           // the preferred first
  std::vector<std::string> target_prefixes;  // X-Amz-Target's, without the last dot
  std::string xml_namespace;
  std::string message_member;       // an exception's message where its shape does not name it: "message"
  bool hides_values = false;        // its validation errors do not repeat the value (IAM)
  bool query_compatible = false;    // a JSON service that was a query service (x-amzn-query-error)
  bool json_has_own_names = false;  // its location names are the query protocol's alone

  std::map<std::string, Shape, std::less<>> shapes;
  std::map<std::string, Operation, std::less<>> operations;
  std::map<std::string, const Shape*, std::less<>> errors;  // by code on the wire
  std::shared_ptr<const RouteTable> routes;                 // of a REST service (route.h); null of others

  Protocol protocol() const { return protocols.front(); }
  bool speaks(Protocol protocol) const;
  const Operation* operation(std::string_view name) const;
};

// With the first letter in lower case: a member's name in validation errors and in records ("s3BucketName").
std::string lower_first(std::string_view name);

// How a service spells faults in a protocol.
Family family_of(Protocol protocol);

// Reads a model: ours (models/NAME.json) or botocore's service-2.json, whose documentation is ignored.
// Errors: Errc::corrupt.
Result<std::unique_ptr<Service>> load_service(std::string name, std::string_view text);

// Services by their names. Finding one loads it.
class Catalogue {
 public:
  // Of several that share a name, the first of all_by_…().
  const Service* by_name(std::string_view name) const;  // "cloudtrail-data"
  const Service* by_signing_name(std::string_view name) const;
  const Service* by_endpoint_prefix(std::string_view prefix) const;
  const Service* by_target_prefix(std::string_view prefix) const;
  // Query services are told apart by version where nothing else says: STS 2011-06-15.
  const Service* by_action(std::string_view action, std::string_view version) const;
  std::vector<const Service*> all() const;

  // Services share names: "rds" signs for RDS, Neptune and DocumentDB. The one that is called so comes first,
  // then the larger.
  std::vector<const Service*> all_by_signing_name(std::string_view name) const;
  std::vector<const Service*> all_by_endpoint_prefix(std::string_view prefix) const;
  std::vector<const Service*> all_by_target_prefix(std::string_view prefix) const;

  ~Catalogue();
  Catalogue(const Catalogue&) = delete;
  Catalogue& operator=(const Catalogue&) = delete;

  // A catalogue of the models that Cairn answers calls by; and of these and all others.
  static std::unique_ptr<Catalogue> of_companions();
  static std::unique_ptr<Catalogue> of_everything(const Catalogue& companions);

 private:
  // What is known of a service before it is loaded: its metadata.
  struct Entry;
  using Entries = std::vector<const Entry*>;
  using Index = std::map<std::string, Entries, std::less<>>;

  Catalogue();
  void add(std::shared_ptr<Entry> entry);
  void sort();
  static const Service& loaded(const Entry& entry);
  static std::vector<const Service*> loaded(const Index& index, std::string_view name);
  static const Service* first(const Index& index, std::string_view name);

  std::vector<std::shared_ptr<Entry>> entries_;  // by name
  Index signing_names_;
  Index endpoint_prefixes_;
  Index target_prefixes_;
};

// The services that this program answers. Their models are whole.
const Catalogue& catalogue();

// All services of AWS, as far as their public models go: what can be recognised, and relayed. Cairn's own are
// the same objects as in catalogue(); those of the others have no constraints and no enums. Made at the first
// use, in milliseconds.
const Catalogue& everything();

}  // namespace cairn::aws
