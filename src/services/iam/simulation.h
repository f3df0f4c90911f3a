// A simulated request: policies, who would ask, what he would ask for, and what is said of it. Inside
// services/iam only; shared by SimulateCustomPolicy, SimulatePrincipalPolicy and GetContextKeysFor….
//
// Nothing is read of the real world but the principal's own policies and tags: condition keys are what the
// request lists, and what follows from the caller. Tested by simulate_test.cc.
#pragma once

#include <boost/json/array.hpp>
#include <memory>
#include <string>
#include <vector>

#include "access/access.h"
#include "access/statement_positions.h"
#include "services/iam/operations.h"

namespace cairn::services::iam {

struct SimulationLimits {
  static constexpr std::size_t evaluations_max = 10'000;  // actions times resources of one call
  static constexpr std::size_t judgements_max = 100'000;  // these times statements: each may be in the answer
  static constexpr std::size_t work_max = 1'000'000;      // actions times resources times Simulation::work
  static constexpr std::size_t work_at_once = 1'000;      // then others on the loop have their turn
  static constexpr std::size_t resource_bytes_max = 2'048;     // the model's longest ARN
  static constexpr std::size_t policy_bytes_max = 512U << 10;  // of all of a simulation
  static constexpr std::size_t context_values_max = 256;       // of all of its keys
  static constexpr std::size_t context_bytes_max = 64U << 10;  // of these values
  static constexpr std::size_t policies_max = 100;             // of one call's lists
};

// A policy and what it is called in the answer.
struct SimulatedPolicy {
  std::string id;    // "PolicyInputList.1", "ResourcePolicy", "user_ann_reader", "AdministratorAccess"
  std::string type;  // "IAM Policy", "Resource Policy"
  std::shared_ptr<const access::Policy> policy;
  std::vector<access::TextSpan> positions{};  // of its statements
};

struct Simulation {
  access::Caller caller;  // his context has the keys that the request lists
  std::vector<SimulatedPolicy> policies;
  std::vector<SimulatedPolicy> boundary;  // one, or none
  std::vector<SimulatedPolicy> resource;  // one, or none
  std::string resource_owner;             // an account
  std::vector<std::string> actions;
  std::vector<std::string> resources;  // empty: none was named, "*" is asked for

  bool of_user = false;  // the caller is a user that is known by name

  std::size_t context_values = 0;
  std::vector<std::string> keys;  // context_keys() of it all
  // Of one evaluation: a statement is 1, and so are 256 bytes of policies for eight values of the context:
  // some ten microseconds at worst.
  std::size_t work = 0;
};

// Has a long simulation pause now and then: it runs on the loop of its connection.
class Pace {
 public:
  Task<void> step(std::size_t work);
  std::size_t pauses() const { return pauses_; }

 private:
  std::size_t since_ = 0;
  std::size_t pauses_ = 0;
};

// The entity that PolicySourceArn names, with all that binds it: NoSuchEntity, InvalidInput.
Task<Found<Simulation>> simulated_source(const Dependencies& on, const Call& call);
// The user that CallerArn names, if it is there, as the caller.
Task<Found<void>> read_caller(const Dependencies& on, const Call& call, Simulation& simulation);
// PolicyInputList, behind what is there.
Found<void> read_policies(const Call& call, Simulation& simulation);
// All other members of a simulation's request; its policies are there already.
Found<void> read_request(const Call& call, Simulation& simulation);

// After read_request().
Task<boost::json::object> evaluated(const Simulation& simulation, const std::string& action, Pace& pace);
// What the policies read, without repetition, in the order in which it stands there.
std::vector<std::string> context_keys(const Simulation& simulation);

}  // namespace cairn::services::iam
