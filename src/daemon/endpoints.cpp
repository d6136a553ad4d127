#include "daemon/endpoints.h"

#include <array>
#include <chrono>
#include <memory>
#include <utility>

#include "daemon/rendering.h"
#include "exposition/render.h"
#include "exposition/snapshot_json.h"
#include "kernel/process_stats.h"
#include "page/page.h"
#include "program/build_info.h"
#include "web/accept.h"

namespace timewait::daemon {
namespace {

constexpr std::string_view kReadyPath = "/-/ready";
constexpr std::string_view kReloadPath = "/-/reload";
constexpr std::string_view kSnapshotPath = "/api/v1/snapshot";

exposition::Input input_of(analysis::ExporterState state, Rendering::Clock::time_point now) {
  return {std::move(state), program::build_info(), kernel::read_process_stats("/proc"), now,
          std::chrono::system_clock::now()};
}

// The exposition in each of its formats.
class Metrics {
 public:
  explicit Metrics(const polling::Published& published)
      : text_(published, renderer(exposition::Format::kText)),
        openmetrics_(published, renderer(exposition::Format::kOpenMetrics)) {}

  web::Response serve(const web::Request& request) {
    const exposition::Format format = negotiate(request.accept);
    Rendering& rendering = format == exposition::Format::kText ? text_ : openmetrics_;
    return {200,
            std::string(exposition::content_type(format)),
            rendering.get(Rendering::Clock::now()),
            {}};
  }

 private:
  static exposition::Format negotiate(const std::string& accept) {
    constexpr std::array kFormats = {exposition::Format::kText, exposition::Format::kOpenMetrics};
    const std::array<web::MediaOffer, kFormats.size()> offers = {
        web::MediaOffer{"text/plain", {"0.0.4"}},
        web::MediaOffer{"application/openmetrics-text", {"1.0.0"}}};
    return kFormats[web::best_media_type(accept, offers)];
  }

  static Rendering::Render renderer(exposition::Format format) {
    return [format](analysis::ExporterState state, Rendering::Clock::time_point now) {
      return exposition::render(input_of(std::move(state), now), format);
    };
  }

  Rendering text_;
  Rendering openmetrics_;
};

std::string render_json(analysis::ExporterState state, Rendering::Clock::time_point now) {
  return exposition::render_json(input_of(std::move(state), now));
}

web::Response serve_ready(const polling::Published& published) {
  const analysis::ExporterState state = published.get();
  const bool has_polled = !state.namespaces.empty() && state.namespaces.front().snapshot != nullptr;
  if (!has_polled) return web::plain_text(503, "No poll has succeeded yet.\n");
  return web::plain_text(200, "Ready.\n");
}

// As Prometheus answers.
web::Response serve_reload(const Reload& reload) {
  if (!reload) {
    return web::plain_text(403, "Reloading is off; --web.enable-lifecycle turns it on.\n");
  }
  const std::vector<std::string> problems = reload();
  if (problems.empty()) return web::plain_text(200, "Reloaded.\n");
  std::string text = "Not reloaded; the configuration before stays.\n";
  for (const std::string& problem : problems) text += problem + "\n";
  return web::plain_text(500, std::move(text));
}

// The page never changes, so it is made, and compressed, once.
web::Handler serve_page(const std::string& telemetry_path) {
  page::Page page = page::make_page(telemetry_path);
  web::Response response = web::respond(200, "text/html; charset=utf-8", std::move(page.html));
  response.headers.emplace_back("Content-Security-Policy", std::move(page.content_security_policy));
  return [response = std::move(response)](const web::Request&) { return response; };
}

}  // namespace

bool is_reserved_path(std::string_view path) {
  return path == "/" || path.starts_with("/-/") || path.starts_with("/api/");
}

web::Routes make_routes(const polling::Published& published, const std::string& telemetry_path,
                        Reload reload) {
  web::Routes routes;
  const auto metrics = std::make_shared<Metrics>(published);
  routes[telemetry_path] =
      web::on_get([metrics](const web::Request& request) { return metrics->serve(request); });
  const auto snapshot = std::make_shared<Rendering>(published, &render_json);
  routes[std::string(kSnapshotPath)] = web::on_get([snapshot](const web::Request&) {
    return web::Response{200, "application/json", snapshot->get(Rendering::Clock::now()), {}};
  });
  routes[std::string(kHealthyPath)] =
      web::on_get([](const web::Request&) { return web::plain_text(200, "Healthy.\n"); });
  routes[std::string(kReadyPath)] =
      web::on_get([&published](const web::Request&) { return serve_ready(published); });
  routes[std::string(kReloadPath)] = web::on_post(
      [reload = std::move(reload)](const web::Request&) { return serve_reload(reload); });
  routes["/"] = web::on_get(serve_page(telemetry_path));
  return routes;
}

}  // namespace timewait::daemon
