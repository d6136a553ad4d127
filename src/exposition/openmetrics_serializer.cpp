#include "exposition/openmetrics_serializer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <prometheus/metric_family.h>
#include <prometheus/serializer.h>

#include "exposition/catalogue.h"

namespace timewait::exposition {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;

constexpr std::string_view kTotal = "_total";

std::string_view type_name(prometheus::MetricType type) {
  switch (type) {
    case prometheus::MetricType::Gauge:
      return "gauge";
    case prometheus::MetricType::Counter:
      return "counter";
    case prometheus::MetricType::Histogram:
      return "histogram";
    case prometheus::MetricType::Summary:
    case prometheus::MetricType::Untyped:
      break;
  }
  std::abort();
}

// A counter's family is named without the suffix that its samples have.
std::string_view family_name(const MetricFamily& family) {
  std::string_view name = family.name;
  if (family.type == prometheus::MetricType::Counter && name.ends_with(kTotal)) {
    name.remove_suffix(kTotal.size());
  }
  return name;
}

bool ends_with_unit(std::string_view name, std::string_view unit) {
  return !unit.empty() && name.size() > unit.size() && name.ends_with(unit) &&
         name[name.size() - unit.size() - 1] == '_';
}

class Writer {
 public:
  void write_family(const MetricFamily& family) {
    const std::string_view name = family_name(family);
    append({"# TYPE ", name, " ", type_name(family.type), "\n"});
    if (const auto unit = unit_of(family.name); ends_with_unit(name, unit)) {
      append({"# UNIT ", name, " ", unit, "\n"});
    }
    append({"# HELP ", name, " "});
    append_escaped(family.help);
    append({"\n"});
    for (const ClientMetric& series : family.metric) write_series(name, family.type, series);
  }

  void write_end() { append({"# EOF\n"}); }

  const std::string& text() const { return text_; }

 private:
  void write_series(std::string_view name, prometheus::MetricType type,
                    const ClientMetric& series) {
    if (type == prometheus::MetricType::Histogram) {
      write_histogram(name, series);
      return;
    }
    const bool is_counter = type == prometheus::MetricType::Counter;
    begin_sample(name, is_counter ? kTotal : "", series);
    end_sample(is_counter ? series.counter.value : series.gauge.value);
  }

  void write_histogram(std::string_view name, const ClientMetric& series) {
    const ClientMetric::Histogram& histogram = series.histogram;
    for (const ClientMetric::Bucket& bucket : histogram.bucket) {
      if (std::isinf(bucket.upper_bound)) continue;  // +Inf is written below in any case
      begin_sample(name, "_bucket", series, number(bucket.upper_bound));
      end_sample(bucket.cumulative_count);
    }
    begin_sample(name, "_bucket", series, "+Inf");
    end_sample(histogram.sample_count);
    begin_sample(name, "_count", series);
    end_sample(histogram.sample_count);
    begin_sample(name, "_sum", series);
    end_sample(histogram.sample_sum);
  }

  void begin_sample(std::string_view name, std::string_view suffix, const ClientMetric& series,
                    std::string_view bucket_bound = {}) {
    append({name, suffix});
    char separator = '{';
    const auto append_label = [&](std::string_view label, std::string_view value) {
      text_ += separator;
      append({label, "=\""});
      append_escaped(value);
      append({"\""});
      separator = ',';
    };
    for (const ClientMetric::Label& label : series.label) append_label(label.name, label.value);
    if (!bucket_bound.empty()) append_label("le", bucket_bound);
    append({separator == ',' ? "} " : " "});
  }

  void end_sample(double value) { append({number(value), "\n"}); }
  void end_sample(std::uint64_t value) { append({std::to_string(value), "\n"}); }

  // As an ostream of precision 16 in the classic locale, which is what TextSerializer writes to.
  // Neither format cares about the case of "Nan".
  static std::string number(double value) {
    if (std::isnan(value)) return "Nan";
    if (std::isinf(value)) return value < 0 ? "-Inf" : "+Inf";
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                   std::chars_format::general, 16);
    return std::string(buffer.data(), end.ptr);
  }

  void append(std::initializer_list<std::string_view> parts) {
    for (const std::string_view part : parts) text_ += part;
  }

  // The rule of OpenMetrics for label values and for HELP alike.
  void append_escaped(std::string_view value) {
    for (const char c : value) {
      if (c == '\n') {
        text_ += "\\n";
        continue;
      }
      if (c == '\\' || c == '"') text_ += '\\';
      text_ += c;
    }
  }

  std::string text_;
};

class OpenMetricsSerializer final : public prometheus::Serializer {
 public:
  using Serializer::Serialize;
  void Serialize(std::ostream& out, const std::vector<MetricFamily>& families) const override {
    Writer writer;
    for (const MetricFamily& family : families) writer.write_family(family);
    writer.write_end();
    out << writer.text();
  }
};

}  // namespace

std::unique_ptr<prometheus::Serializer> make_openmetrics_serializer() {
  return std::make_unique<OpenMetricsSerializer>();
}

}  // namespace timewait::exposition
