#include "report/diagnosis_json.h"

#include <cmath>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

namespace timewait::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchemaVersion = 1;

// Unix seconds with milliseconds.
Json unix_time(std::chrono::system_clock::time_point moment) {
  const std::chrono::duration<double> since_epoch = moment.time_since_epoch();
  return std::round(since_epoch.count() * 1'000) / 1'000;
}

Json or_null(const std::optional<std::string>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json or_null(const std::string& value) { return value.empty() ? Json(nullptr) : Json(value); }

Json remedy_json(const diagnosis::Remedy& remedy) {
  Json json = Json::object();
  json["what"] = remedy.what;
  json["where"] = or_null(remedy.where);
  json["lines"] = remedy.lines;
  json["caution"] = or_null(remedy.caution);
  return json;
}

Json problem_json(const diagnosis::Problem& problem) {
  const analysis::Finding& finding = problem.finding;
  Json remedies = Json::array();
  for (const diagnosis::Remedy& remedy : problem.remedies) remedies.push_back(remedy_json(remedy));
  Json json = Json::object();
  json["severity"] = name_of(finding.severity);
  json["kind"] = name_of(finding.kind);
  json["netns"] = finding.netns;
  json["peer"] = or_null(finding.peer);
  json["listener"] = or_null(finding.listener);
  json["text"] = finding.text;
  json["evidence"] = problem.evidence;
  json["why"] = or_null(problem.why);
  json["remedies"] = std::move(remedies);
  return json;
}

}  // namespace

std::string diagnosis_json(const diagnosis::Diagnosis& diagnosis, int exit_code,
                           std::chrono::system_clock::time_point written_at) {
  const std::optional<analysis::Severity> worst = diagnosis.worst();
  Json problems = Json::array();
  for (const diagnosis::Problem& each : diagnosis.problems) problems.push_back(problem_json(each));
  Json json = Json::object();
  json["schema_version"] = kSchemaVersion;
  json["written_at"] = unix_time(written_at);
  json["worst"] = worst ? Json(name_of(*worst)) : Json(nullptr);
  json["exit_code"] = exit_code;
  json["problems"] = std::move(problems);
  json["harmless"] = diagnosis.harmless;
  json["unknown"] = diagnosis.unknown;
  constexpr int kOneLine = -1;
  return json.dump(kOneLine, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace timewait::report
