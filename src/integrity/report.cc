#include "integrity/report.h"

#include <fmt/format.h>

#include <algorithm>

#include "json/json.h"

namespace cairn::integrity {
namespace {

std::string_view word_of(Weight weight) {
  switch (weight) {
    case Weight::invalid:
      return "INVALID";
    case Weight::unlooked:
      return "NOT LOOKED AT";
    case Weight::note:
      return "note";
  }
  return "";
}

std::string shown_place(const std::string& bucket, const std::string& key) {
  return bucket.empty() ? key : fmt::format("s3://{}/{}", bucket, key);
}

std::string counted(std::size_t valid, std::size_t all, std::string_view what) {
  if (all == 0) {
    return fmt::format("no {}", what);
  }
  auto text = fmt::format("{}/{} {} valid", valid, all, what);
  if (valid != all) {
    text += fmt::format(", {}/{} {} INVALID", all - valid, all, what);
  }
  return text;
}

std::string title_of(const ChainReport& chain) {
  const auto& name = chain.name;
  return fmt::format("Trail {} of {}, account {}, events of {}{}{}", name.trail, name.home_region,
                     name.account, name.region,
                     name.organization.empty() ? "" : ", organization " + name.organization,
                     name.backfill ? ", backfill" : "");
}

std::string text_of(const ChainReport& chain) {
  auto text = title_of(chain);
  text += chain.found ? fmt::format("\n  {} to {}", rfc3339(chain.found->from), rfc3339(chain.found->until))
                      : std::string("\n  no valid digest");
  text += "\n  " + counted(chain.digests_valid, chain.digests, "digest files");
  return text + "\n  " + counted(chain.log_files_valid, chain.log_files, "log files") + "\n";
}

json::object object_of(const Finding& finding) {
  constexpr std::string_view kWords[] = {"invalid", "unlooked", "note"};
  return {{"weight", kWords[static_cast<std::size_t>(finding.weight)]},
          {"subject", finding.subject},
          {"bucket", finding.bucket},
          {"key", finding.key},
          {"what", finding.what}};
}

json::object object_of(const ChainReport& chain) {
  const auto time = [&](Time Interval::*which) {
    return chain.found ? json::value(rfc3339(*chain.found.*which)) : json::value(nullptr);
  };
  return {{"trail", chain.name.trail},
          {"homeRegion", chain.name.home_region},
          {"account", chain.name.account},
          {"region", chain.name.region},
          {"organization", chain.name.organization},
          {"prefix", chain.name.prefix},
          {"bucket", chain.bucket},
          {"backfill", chain.name.backfill},
          {"from", time(&Interval::from)},
          {"until", time(&Interval::until)},
          {"digestFiles", chain.digests},
          {"digestFilesValid", chain.digests_valid},
          {"logFiles", chain.log_files},
          {"logFilesValid", chain.log_files_valid}};
}

}  // namespace

std::size_t Report::count(Weight weight) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(findings, [&](const Finding& finding) { return finding.weight == weight; }));
}

std::string to_line(const Finding& finding) {
  return fmt::format("{}\t{}\t{}: {}", finding.subject, shown_place(finding.bucket, finding.key),
                     word_of(finding.weight), finding.what);
}

std::string summary(const Report& report) {
  std::string text;
  for (const auto& chain : report.chains) {
    text += text_of(chain) + "\n";
  }
  if (report.chains.empty()) {
    text += "No digests found\n\n";
  }
  const auto tell = [&](std::size_t count, std::string_view what) {
    if (count > 0) {
      text += fmt::format("{} {}\n", count, what);
    }
  };
  tell(report.unlisted, "log files that no digest lists");
  tell(report.not_covered, "log files of times that no digest covers");
  tell(report.not_yet, "log files that are newer than the newest digest: not yet covered");
  tell(report.count(Weight::unlooked), "files that could not be looked at");
  const auto wrong = report.count(Weight::invalid);
  text += wrong == 0 ? "Nothing is invalid\n" : fmt::format("{} INVALID\n", wrong);
  return text;
}

std::string to_json(const Report& report) {
  json::array chains;
  for (const auto& chain : report.chains) {
    chains.push_back(object_of(chain));
  }
  json::array findings;
  for (const auto& finding : report.findings) {
    findings.push_back(object_of(finding));
  }
  return json::serialize(json::object{{"good", report.is_good()},
                                      {"chains", std::move(chains)},
                                      {"findings", std::move(findings)},
                                      {"unlistedLogFiles", report.unlisted},
                                      {"notCoveredLogFiles", report.not_covered},
                                      {"notYetCoveredLogFiles", report.not_yet}});
}

}  // namespace cairn::integrity
