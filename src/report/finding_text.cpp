#include "report/finding_text.h"

#include "report/found.h"
#include "report/line.h"

namespace timewait::report {
namespace {

// As wide as each other, so that the sentences stand below each other.
const char* word_for(analysis::Severity severity) {
  switch (severity) {
    case analysis::Severity::kCritical:
      return "CRITICAL  ";
    case analysis::Severity::kWarning:
      return "WARNING   ";
    case analysis::Severity::kInfo:
      return "INFO      ";
  }
  return "";
}

}  // namespace

Text finding_text(const analysis::Finding& finding, const Layout& layout) {
  return paragraph({{word_for(finding.severity), style_of(finding.severity)}}, {finding.text},
                   layout);
}

}  // namespace timewait::report
