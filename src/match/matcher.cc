// A record is walked once; each leaf that is asked for is put to its locations' indexes, and what they answer
// is stamped: a condition holds for this record if its stamp is the record's number, so that nothing need be
// cleared in between. Then the branches whose entry holds are looked at.
//
// Only if leaves came from within arrays, and a branch that holds otherwise has two fields among them, the
// record is walked again, to note which leaf is in which element (consistency.h).
//
// Tested by match_test.cc, match_data_test.cc, match_differential_test.cc, match_fuzz.cc.
#include <algorithm>

#include "match/compiled.h"
#include "match/consistency.h"
#include "match/record_walk.h"
#include "match/structure.h"

namespace cairn::match {
namespace {

using Stamp = std::uint32_t;

// What a walk found out about the places that patterns ask for.
struct Findings {
  Stamp now = 0;                        // the number of this record, or of this walk
  std::vector<Stamp> held;              // by condition
  std::vector<Stamp> in_array;          // by location: there was a leaf within an element
  std::vector<Stamp> outside;           // by location: there was one outside of all
  std::vector<std::uint64_t> excluded;  // by exclusion: the last leaf that it came up for
  std::uint64_t leaf = 0;               // counts them
  std::vector<Mark> entries;            // conditions that hold and are branches' entries
  std::vector<Stamp> matched;           // by pattern
  bool any_in_array = false;

  void prepare(const Matcher::Compiled& compiled) {
    const auto grow = [](auto& list, std::size_t size) {
      if (list.size() < size) {
        list.resize(size, 0);
      }
    };
    grow(held, compiled.conditions.size());
    grow(in_array, compiled.locations.size());
    grow(outside, compiled.locations.size());
    grow(excluded, compiled.exclusions);
    grow(matched, compiled.hits.size());
    entries.clear();
    any_in_array = false;
    if (++now == 0) {  // once in four thousand million records
      for (auto* const list : {&held, &in_array, &outside, &matched}) {
        std::ranges::fill(*list, 0);
      }
      now = 1;
    }
  }
};

// A leaf seen within the arrays of a record, for Consistency.
struct Note {
  std::uint32_t element;
  std::uint32_t location;
  std::uint32_t first;  // of the conditions that it passed, in noted conditions
  std::uint32_t last;
};

struct Notes {
  std::vector<Note> leaves;
  std::vector<Mark> passed;
};

// A string of the record as an envelope's field has it; nullopt: the envelope has none.
std::optional<std::string_view> rewritten(const Derived& rewrite, std::string_view text,
                                          std::string& buffer) {
  if (!rewrite.table.empty()) {
    const auto known = rewrite.table.find(text);
    return known == rewrite.table.end() ? std::nullopt : std::optional<std::string_view>(known->second);
  }
  if (text.ends_with(rewrite.remove_suffix)) {
    text.remove_suffix(rewrite.remove_suffix.size());
  }
  buffer = rewrite.prepend;
  buffer += text;
  return buffer;
}

// Puts each leaf to the indexes and hands on what holds.
template <class Derived>
class Asking {
 public:
  Asking(const Matcher::Compiled& compiled, Findings& findings, std::string& rewrite_buffer,
         std::string& buffer)
      : compiled_(compiled), findings_(findings), rewrite_buffer_(rewrite_buffer), buffer_(buffer) {}

  void operator()(NameTree::Node node, std::uint32_t element, const Leaf& leaf) {
    for (const auto number : compiled_.names.leaves(node)) {
      const Location& location = compiled_.locations[number];
      if (location.rewrite == nullptr || leaf.kind != LeafKind::string) {
        ask(location, number, element, leaf);
      } else if (const auto text = rewritten(*location.rewrite, leaf.text, rewrite_buffer_)) {
        ask(location, number, element, {.kind = LeafKind::string, .text = *text});
      }
    }
  }

 private:
  void ask(const Location& location, std::uint32_t number, std::uint32_t element, const Leaf& leaf) {
    auto& self = static_cast<Derived&>(*this);
    self.saw(number, element);
    ++findings_.leaf;
    location.index.ask(leaf, buffer_, [&](Marks marks) {
      for (const auto mark : marks) {
        if ((mark & kExclusion) != 0) {
          findings_.excluded[mark & ~kExclusion] = findings_.leaf;
        } else {
          self.holds(mark);
        }
      }
    });
    for (const auto& exclusion : location.index.exclusions()) {
      if (findings_.excluded[exclusion.number] != findings_.leaf) {
        self.holds(exclusion.condition);
      }
    }
    self.asked();
  }

 protected:
  const Matcher::Compiled& compiled_;
  Findings& findings_;

 private:
  std::string& rewrite_buffer_;
  std::string& buffer_;
};

void hold(const Matcher::Compiled& compiled, Findings& findings, Mark condition) {
  if (findings.held[condition] != findings.now) {
    findings.held[condition] = findings.now;
    if (compiled.conditions[condition].entered_count != 0) {
      findings.entries.push_back(condition);
    }
  }
}

class FirstWalk : public Asking<FirstWalk> {
 public:
  using Asking::Asking;

  void saw(std::uint32_t location, std::uint32_t element) {
    if (element == 0) {
      findings_.outside[location] = findings_.now;
    } else {
      findings_.in_array[location] = findings_.now;
      findings_.any_in_array = true;
    }
  }
  void holds(Mark condition) { hold(compiled_, findings_, condition); }
  void asked() {}
};

class NotingWalk : public Asking<NotingWalk> {
 public:
  NotingWalk(const Matcher::Compiled& compiled, Findings& findings, std::string& rewrite_buffer,
             std::string& buffer, Notes& notes)
      : Asking(compiled, findings, rewrite_buffer, buffer), notes_(notes) {}

  void saw(std::uint32_t location, std::uint32_t element) {
    const auto passed = static_cast<std::uint32_t>(notes_.passed.size());
    notes_.leaves.push_back({.element = element, .location = location, .first = passed, .last = passed});
  }
  void holds(Mark condition) { notes_.passed.push_back(condition); }
  void asked() { notes_.leaves.back().last = static_cast<std::uint32_t>(notes_.passed.size()); }

 private:
  Notes& notes_;
};

Error problem_error(Problem problem) {
  if (problem == Problem::too_deep) {
    return Error{Errc::limit,
                 "match record: it is nested deeper than " + std::to_string(Limits::record_depth_max)};
  }
  return Error{Errc::invalid, "match record: it is no well-formed JSON object"};
}

}  // namespace

struct Scratch::State {
  Structure structure;
  RecordWalk walk;
  Findings findings;
  std::string rewrite_buffer;
  std::string buffer;
  std::vector<std::uint32_t> patterns;  // that match
  // For records with arrays:
  Notes notes;
  bool noted = false;
  Consistency consistency;
  std::vector<FieldNeed> needs;
  std::vector<Sighting> sightings;
};

Scratch::Scratch() : state_(std::make_unique<State>()) {}
Scratch::~Scratch() = default;
Scratch::Scratch(Scratch&&) noexcept = default;
Scratch& Scratch::operator=(Scratch&&) noexcept = default;

namespace {

class Match {
 public:
  Match(const Matcher::Compiled& compiled, Scratch::State& state, std::string_view record)
      : compiled_(compiled), state_(state), findings_(state.findings), record_(record) {}

  // The numbers of the patterns that match, in order: in state.patterns.
  Result<void> run() {
    CAIRN_TRY(structure_, state_.structure.find(record_));
    findings_.prepare(compiled_);
    state_.patterns.clear();
    state_.noted = false;
    FirstWalk first(compiled_, findings_, state_.rewrite_buffer, state_.buffer);
    if (!state_.walk.run(record_, structure_, compiled_.names, first)) {
      return problem_error(state_.walk.problem());
    }
    hold_by_absence();
    return look_at_branches();
  }

 private:
  // A condition that is held by absence may be so, too, if all there is lies in elements: Consistency
  // decides.
  void hold_by_absence() {
    for (const auto number : compiled_.absence_locations) {
      if (findings_.outside[number] != findings_.now) {
        for (const auto condition : compiled_.locations[number].held_by_absence) {
          hold(compiled_, findings_, condition);
        }
      }
    }
  }

  Result<void> look_at_branches() {
    for (const auto branch : compiled_.always) {
      CAIRN_TRY_VOID(look_at(compiled_.branches[branch]));
    }
    for (const auto entry : findings_.entries) {
      const auto& condition = compiled_.conditions[entry];
      const auto* const first = compiled_.entered.data() + condition.entered;
      for (const auto* branch = first; branch != first + condition.entered_count; ++branch) {
        CAIRN_TRY_VOID(look_at(compiled_.branches[*branch]));
      }
    }
    if (state_.patterns.size() > 1) {
      std::ranges::sort(state_.patterns);
    }
    return {};
  }

  Result<void> look_at(const CompiledBranch& branch) {
    const auto conditions = conditions_of(branch);
    for (const auto condition : conditions) {
      if (findings_.held[condition] != findings_.now) {
        return {};
      }
    }
    if (findings_.matched[branch.pattern] == findings_.now) {
      return {};
    }
    if (findings_.any_in_array && arrays_matter(conditions)) {
      CAIRN_TRY(const bool together, hold_together(conditions));
      if (!together) {
        return {};
      }
    }
    findings_.matched[branch.pattern] = findings_.now;
    state_.patterns.push_back(branch.pattern);
    return {};
  }

  Marks conditions_of(const CompiledBranch& branch) const {
    return Marks(compiled_.branch_conditions).subspan(branch.conditions, branch.conditions_count);
  }

  bool arrays_matter(Marks conditions) const {
    std::size_t in_arrays = 0;
    for (const auto mark : conditions) {
      const auto& condition = compiled_.conditions[mark];
      if (findings_.in_array[condition.location] == findings_.now) {
        in_arrays += condition.may_absent ? 2 : 1;
      }
    }
    return in_arrays > 1;
  }

  Result<bool> hold_together(Marks conditions) {
    take_notes();
    state_.needs.clear();
    state_.sightings.clear();
    for (std::uint32_t i = 0; i < conditions.size(); ++i) {
      const auto& condition = compiled_.conditions[conditions[i]];
      state_.needs.push_back({.may_hold = condition.may_hold, .may_absent = condition.may_absent});
      for (const auto& note : state_.notes.leaves) {
        if (note.location == condition.location) {
          const auto passed = Marks(state_.notes.passed).subspan(note.first, note.last - note.first);
          state_.sightings.push_back({.field = i,
                                      .element = note.element,
                                      .passed = std::ranges::find(passed, conditions[i]) != passed.end()});
        }
      }
    }
    switch (state_.consistency.ask(state_.needs, state_.sightings)) {
      case Consistency::Answer::yes:
        return true;
      case Consistency::Answer::no:
        return false;
      case Consistency::Answer::too_many_choices:
        break;
    }
    return Error{Errc::limit, "match record: its arrays can be read in too many ways"};
  }

  void take_notes() {
    if (std::exchange(state_.noted, true)) {
      return;
    }
    state_.notes.leaves.clear();
    state_.notes.passed.clear();
    NotingWalk noting(compiled_, findings_, state_.rewrite_buffer, state_.buffer, state_.notes);
    CAIRN_CHECK(state_.walk.run(record_, structure_, compiled_.names, noting));  // it went well before
    state_.consistency.begin(state_.walk.elements());
  }

  const Matcher::Compiled& compiled_;
  Scratch::State& state_;
  Findings& findings_;
  std::string_view record_;
  std::span<const std::uint32_t> structure_;
};

}  // namespace

Matcher::Matcher(std::unique_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
Matcher::~Matcher() = default;

std::size_t Matcher::patterns() const {
  return compiled_->hits.size();
}

Result<void> Matcher::match(std::string_view record, Scratch& scratch, std::vector<Hit>& hits) const {
  CAIRN_TRY_VOID(Match(*compiled_, *scratch.state_, record).run());
  for (const auto pattern : scratch.state_->patterns) {
    hits.push_back(compiled_->hits[pattern]);
  }
  return {};
}

}  // namespace cairn::match
