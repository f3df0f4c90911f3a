// What the operations share.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "codec/base64.h"
#include "json/json.h"
#include "services/sqs/operations.h"

namespace cairn::services::sqs {
namespace {

constexpr std::size_t kScanPage = 1000;

bool is_word(std::string_view text, std::size_t chars_max) {
  return !text.empty() && text.size() <= chars_max && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
  });
}

}  // namespace

std::string text(const boost::json::object& from, std::string_view member) {
  return std::string(json::find_string(from, member).value_or(""));
}

std::string url_of(const Dependencies& on, const Call& call, const queues::Queue& queue) {
  if (!on.url.empty()) {
    return fmt::format("{}/{}/{}", on.url, queue.account, queue.name);
  }
  return fmt::format("{}://{}/{}/{}", call.tls ? "https" : "http", call.head.headers.get("Host"),
                     queue.account, queue.name);
}

// Its last two parts; the host may be any name of ours.
Found<Address> address_of(const Call& /*call*/, std::string_view url) {
  const auto last = url.rfind('/');
  const auto first =
      last == std::string_view::npos || last == 0 ? std::string_view::npos : url.rfind('/', last - 1);
  if (first == std::string_view::npos) {
    return fault::invalid_address(url);
  }
  Address address{.account = std::string(url.substr(first + 1, last - first - 1)),
                  .name = std::string(url.substr(last + 1))};
  const auto name = std::string_view(address.name).substr(0, address.name.rfind(".fifo"));
  if (!aws::AccountId::parse(address.account) || !is_word(name, queues::Limits::name_chars_max)) {
    return fault::invalid_address(url);
  }
  return address;
}

Found<void> check_name(std::string_view name) {
  if (name.ends_with(".fifo")) {
    return fault::unsupported("A FIFO queue");
  }
  return is_word(name, queues::Limits::name_chars_max)
             ? Found<void>()
             : fault::invalid_parameter(
                   "QueueName", name,
                   "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
}

Outcome changed(const queues::StoredQueue& queue) {
  Outcome outcome;
  outcome.effects.writes.push_back(queues::put(queue.value, queue.version));
  return outcome;
}

Task<Found<std::shared_ptr<queues::Mailbox>>> mailbox_of(const Dependencies& on, const queues::Queue& queue) {
  auto mailbox = co_await on.mailboxes.of(queue);
  if (!mailbox) {
    co_return fault::failure(mailbox.error());
  }
  co_return *std::move(mailbox);
}

Found<std::int64_t> number_in(const boost::json::object& from, std::string_view member, const Range& range) {
  const auto number = json::find_int(from, member);
  if (!number) {
    return range.usual;
  }
  if (*number < range.least || *number > range.most) {
    return fault::invalid_parameter(
        member, std::to_string(*number),
        fmt::format("Must be between {} and {}, if provided.", range.least, range.most));
  }
  return *number;
}

Task<Found<std::vector<queues::Queue>>> queues_of(const Dependencies& on, std::string account,
                                                  std::string region) {
  const auto prefix = queues::queue_prefix(account, region);
  std::vector<queues::Queue> found;
  std::string after;
  while (true) {
    auto page = co_await on.catalog.scan(prefix, after, kScanPage);
    if (!page) {
      co_return fault::failure(page.error());
    }
    if (page->empty()) {
      co_return found;
    }
    after = page->back().key;
    for (const auto& document : *page) {
      auto queue = queues::decode_queue(document);
      if (!queue) {
        co_return fault::failure(queue.error());
      }
      if (!queue->gone) {
        found.push_back(*std::move(queue));
      }
    }
  }
}

// Tokens are the last name that was shown.
Found<Outcome> page_of(const Dependencies& on, const Call& call, const Listing& listing) {
  CAIRN_TRY(const auto most, number_in(call.input, "MaxResults",
                                       {.usual = Limits::page_max, .least = 1, .most = Limits::page_max}));
  std::string after;
  if (const auto token = text(call, "NextToken"); !token.empty()) {
    auto plain = codec::base64_decode(token);
    if (!plain) {
      return fault::invalid_parameter("NextToken", token, "Invalid NextToken.");
    }
    after = *std::move(plain);
  }
  Outcome outcome;
  json::array urls;
  std::string last;
  for (const auto& queue : listing.queues) {
    if (queue.name <= after) {
      continue;
    }
    if (urls.size() == static_cast<std::size_t>(most)) {
      if (json::find(call.input, "MaxResults") != nullptr) {  // without it there is one page, as AWS has it
        outcome.output["NextToken"] = codec::base64_encode(last);
      }
      break;
    }
    urls.push_back(json::value(url_of(on, call, queue)));
    last = queue.name;
  }
  if (!urls.empty() || listing.member == "queueUrls") {
    outcome.output[listing.member] = std::move(urls);
  }
  return outcome;
}

Found<std::vector<const boost::json::object*>> entries_of(const Call& call) {
  const auto* list = json::find_array(call.input, "Entries");
  if (list == nullptr || list->empty()) {
    return fault::empty_batch();
  }
  if (list->size() > Limits::batch_max) {
    return fault::too_many_entries(list->size());
  }
  std::vector<const boost::json::object*> entries;
  std::set<std::string> ids;
  for (const auto& one : *list) {
    entries.push_back(&one.get_object());
    const auto id = text(*entries.back(), "Id");
    if (!is_word(id, queues::Limits::name_chars_max)) {
      return fault::invalid_entry_id();
    }
    if (!ids.insert(id).second) {
      return fault::repeated_entry_id(id);
    }
  }
  return entries;
}

boost::json::object failed(std::string_view id, const aws::Fault& fault) {
  return {{"Id", id}, {"SenderFault", fault.sender}, {"Code", fault.code}, {"Message", fault.message}};
}

}  // namespace cairn::services::sqs
