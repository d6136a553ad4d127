#include "daemon/endpoints.h"

#include <array>
#include <chrono>

#include "daemon/build_info.h"
#include "exposition/render.h"
#include "exposition/snapshot_json.h"
#include "kernel/process_stats.h"
#include "page/page.h"
#include "web/accept.h"

namespace timewait::daemon {
namespace {

constexpr std::string_view kHealthyPath = "/-/healthy";
constexpr std::string_view kReadyPath = "/-/ready";
constexpr std::string_view kSnapshotPath = "/api/v1/snapshot";

exposition::Format negotiate(const std::string& accept) {
  constexpr std::array kFormats = {exposition::Format::kText, exposition::Format::kOpenMetrics};
  const std::array<web::MediaOffer, kFormats.size()> offers = {
      web::MediaOffer{"text/plain", {"0.0.4"}},
      web::MediaOffer{"application/openmetrics-text", {"1.0.0"}}};
  return kFormats[web::best_media_type(accept, offers)];
}

exposition::Input input_of(const Published& published) {
  return {published.get(), build_info(), kernel::read_process_stats("/proc"),
          std::chrono::steady_clock::now(), std::chrono::system_clock::now()};
}

web::Response serve_metrics(const Published& published, const web::Request& request) {
  const exposition::Format format = negotiate(request.accept);
  return {200, std::string(exposition::content_type(format)),
          exposition::render(input_of(published), format)};
}

web::Response serve_snapshot(const Published& published) {
  return {200, "application/json", exposition::render_json(input_of(published))};
}

web::Response plain_text(int status, std::string text) {
  return {status, "text/plain; charset=utf-8", std::move(text)};
}

web::Response serve_ready(const Published& published) {
  const analysis::ExporterState state = published.get();
  const bool has_polled = !state.namespaces.empty() && state.namespaces.front().snapshot != nullptr;
  if (!has_polled) return plain_text(503, "No poll has succeeded yet.\n");
  return plain_text(200, "Ready.\n");
}

web::Response serve_page(const page::Page& page) {
  return {200,
          "text/html; charset=utf-8",
          page.html,
          {{"Content-Security-Policy", page.content_security_policy}}};
}

}  // namespace

bool is_reserved_path(std::string_view path) {
  return path == "/" || path.starts_with("/-/") || path.starts_with("/api/");
}

web::Routes make_routes(const Published& published, const std::string& telemetry_path) {
  web::Routes routes;
  routes[telemetry_path] = [&published](const web::Request& request) {
    return serve_metrics(published, request);
  };
  routes[std::string(kHealthyPath)] = [](const web::Request&) {
    return plain_text(200, "Healthy.\n");
  };
  routes[std::string(kReadyPath)] = [&published](const web::Request&) {
    return serve_ready(published);
  };
  routes[std::string(kSnapshotPath)] = [&published](const web::Request&) {
    return serve_snapshot(published);
  };
  routes["/"] = [page = page::make_page(telemetry_path)](const web::Request&) {
    return serve_page(page);
  };
  return routes;
}

}  // namespace timewait::daemon
