#include "exposition/render.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include "exposition/openmetrics_serializer.h"

namespace timewait::exposition {

std::string_view content_type(Format format) {
  return format == Format::kText ? "text/plain; version=0.0.4; charset=utf-8"
                                 : "application/openmetrics-text; version=1.0.0; charset=utf-8";
}

std::string render(const Input& input, Format format) {
  const std::vector<prometheus::MetricFamily> families = collect(input);
  return format == Format::kText ? prometheus::TextSerializer().Serialize(families)
                                 : make_openmetrics_serializer()->Serialize(families);
}

}  // namespace timewait::exposition
