#include "base/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>

namespace cairn {
namespace {

std::map<std::string, std::string> label_map(Labels labels) {
  std::map<std::string, std::string> map;
  for (const auto& [name, value] : labels) {
    map.emplace(name, value);
  }
  return map;
}

}  // namespace

void Counter::add(double amount) {
  counter_->Increment(amount);
}
void Gauge::set(double value) {
  gauge_->Set(value);
}
void Gauge::add(double amount) {
  gauge_->Increment(amount);
}
void Histogram::observe(double value) {
  histogram_->Observe(value);
}

Metrics::Metrics() : registry_(std::make_shared<prometheus::Registry>()) {}
Metrics::~Metrics() = default;

Counter Metrics::counter(std::string_view name, std::string_view help, Labels labels) {
  auto& family =
      prometheus::BuildCounter().Name(std::string(name)).Help(std::string(help)).Register(*registry_);
  return Counter(family.Add(label_map(labels)));
}

Gauge Metrics::gauge(std::string_view name, std::string_view help, Labels labels) {
  auto& family =
      prometheus::BuildGauge().Name(std::string(name)).Help(std::string(help)).Register(*registry_);
  return Gauge(family.Add(label_map(labels)));
}

void Metrics::limit(std::string_view name, double value, Labels labels) {
  gauge(std::string(name) + "_limit", "What " + std::string(name) + " may rise to.", labels).set(value);
}

Histogram Metrics::histogram(std::string_view name, std::string_view help, std::vector<double> buckets,
                             Labels labels) {
  auto& family =
      prometheus::BuildHistogram().Name(std::string(name)).Help(std::string(help)).Register(*registry_);
  return Histogram(family.Add(label_map(labels), std::move(buckets)));
}

std::string Metrics::text() const {
  return prometheus::TextSerializer().Serialize(registry_->Collect());
}

}  // namespace cairn
