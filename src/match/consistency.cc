#include "match/consistency.h"

namespace cairn::match {

void Consistency::begin(std::span<const Element> elements) {
  elements_ = elements;
  first_child_.assign(elements.size(), 0);
  next_sibling_.assign(elements.size(), 0);
  if (inside_.size() < elements.size()) {
    inside_.resize(elements.size());
  }
  for (auto number = static_cast<std::uint32_t>(elements.size()); --number > 0;) {
    auto& first = first_child_[elements[number].around];
    next_sibling_[number] = first;
    first = number;
  }
}

Consistency::Answer Consistency::ask(std::span<const FieldNeed> fields, std::span<const Sighting> sightings) {
  for (const auto& sighting : sightings) {
    note(sighting);
  }
  choices_ = 0;
  const bool holds = choose_absence(fields, 0, {});
  for (const auto& sighting : sightings) {
    forget(sighting);
  }
  return choices_ > Limits::choices_max ? Answer::too_many_choices : holds ? Answer::yes : Answer::no;
}

void Consistency::note(const Sighting& sighting) {
  auto* inside = &inside_[sighting.element];
  inside->seen.set(sighting.field);
  inside->here.set(sighting.field, inside->here.test(sighting.field) || sighting.passed);
  for (auto number = sighting.element; number != 0;) {
    number = elements_[number].around;
    inside = &inside_[number];
    inside->seen_below.set(sighting.field);
    inside->below.set(sighting.field, inside->below.test(sighting.field) || sighting.passed);
  }
}

// An element that is clear has only clear ones around it.
void Consistency::forget(const Sighting& sighting) {
  auto number = sighting.element;
  while ((inside_[number].seen | inside_[number].seen_below).any()) {
    inside_[number] = {};
    number = elements_[number].around;
  }
}

bool Consistency::spend() {
  return ++choices_ <= Limits::choices_max;
}

// A field with tests of leaves and of absence may hold in either way.
bool Consistency::choose_absence(std::span<const FieldNeed> fields, std::size_t from, Want want) {
  const auto there = inside_[0].here | inside_[0].below;
  for (std::size_t i = from; i < fields.size(); ++i) {
    const bool may_hold = fields[i].may_hold && there.test(i);
    if (!may_hold && !fields[i].may_absent) {
      return false;
    }
    if (may_hold && fields[i].may_absent) {
      auto otherwise = want;
      otherwise.absent.set(i);
      if (!spend() || choose_absence(fields, i + 1, otherwise)) {
        return true;
      }
    }
    (may_hold ? want.hold : want.absent).set(i);
  }
  return element(0, want);
}

bool Consistency::element(std::uint32_t number, Want want) {
  const auto& inside = inside_[number];
  if ((want.absent & inside.seen).any()) {
    return false;
  }
  want.absent &= inside.seen_below;
  FieldSet any;
  FieldSet ambiguous;
  FieldSet in_array;
  std::uint32_t array = 0;
  for (auto child = first_child_[number]; child != 0; child = next_sibling_[child]) {
    if (elements_[child].array != array) {
      any |= in_array;
      in_array.reset();
      array = elements_[child].array;
    }
    in_array |= inside_[child].here | inside_[child].below;
    ambiguous |= any & in_array;
  }
  return share({.child = first_child_[number], .here = inside.here, .ambiguous = ambiguous}, want);
}

// Hands to each array in turn the fields that can hold nowhere else.
bool Consistency::share(const Arrays& arrays, Want want) {
  auto child = arrays.child;
  while (child != 0) {
    const auto array = elements_[child].array;
    auto next = child;
    Want inside;
    for (; next != 0 && elements_[next].array == array; next = next_sibling_[next]) {
      inside.hold |= inside_[next].here | inside_[next].below;
      inside.absent |= inside_[next].seen | inside_[next].seen_below;
    }
    inside.hold &= want.hold;
    inside.absent &= want.absent;
    // What holds without an array had better stay outside, unless that makes an absent field see less.
    const auto elsewhere = arrays.here | arrays.ambiguous;
    const auto free = inside.hold & (want.absent.any() ? elsewhere : arrays.ambiguous & ~arrays.here);
    inside.hold &= ~elsewhere;
    if (free.any()) {
      auto outside = want;
      outside.hold &= ~inside.hold;
      return share_free({.child = child, .here = arrays.here, .ambiguous = arrays.ambiguous}, next, inside,
                        outside, free);
    }
    if (!within(child, next, inside)) {
      return false;
    }
    want.hold &= ~inside.hold;
    child = next;
  }
  return (want.hold & ~arrays.here).none();
}

// Tries each way to take some of the free fields into this array and leave the others to the next ones.
bool Consistency::share_free(const Arrays& arrays, std::uint32_t next, const Want& inside,
                             const Want& outside, FieldSet free) {
  if (!spend()) {
    return false;
  }
  if (free.none()) {
    return within(arrays.child, next, inside) &&
           share({.child = next, .here = arrays.here, .ambiguous = arrays.ambiguous}, outside);
  }
  const auto field = free._Find_first();
  free.reset(field);
  if (share_free(arrays, next, inside, outside, free)) {
    return true;
  }
  auto taken = inside;
  auto left = outside;
  taken.hold.set(field);
  left.hold.reset(field);
  return share_free(arrays, next, taken, left, free);
}

// Is there an element of the array in which all of this holds? An absent field sees all of them, if no field
// before it has chosen one.
bool Consistency::within(std::uint32_t child, std::uint32_t next, const Want& want) {
  if (want.absent.any() && want.hold._Find_first() > want.absent._Find_first()) {
    return false;
  }
  if (want.hold.none()) {
    return true;
  }
  for (; child != next && choices_ <= Limits::choices_max; child = next_sibling_[child]) {
    const auto& inside = inside_[child];
    if ((want.hold & ~(inside.here | inside.below)).none() &&
        element(child, {.hold = want.hold, .absent = want.absent & (inside.seen | inside.seen_below)})) {
      return true;
    }
  }
  return false;
}

}  // namespace cairn::match
