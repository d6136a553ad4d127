// The section tls_server_config of the web configuration.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/walk.h"
#include "config/web_config.h"
#include "tls/server_context.h"

namespace timewait::config {

// How the files that a configuration names are read: those with a relative path from its folder.
class NamedFiles {
 public:
  NamedFiles(const std::string& config_path, const FileReader& read);

  base::Result<std::string> read(const std::string& name);
  // The configuration's own path, and then those that were read.
  const std::vector<std::string>& paths() const { return paths_; }

 private:
  const FileReader& read_;
  std::vector<std::string> paths_;
};

// What is wrong is reported to `walk`, and then there is no context.
std::shared_ptr<const tls::ServerContext> read_tls_section(Walk& walk, const Value& section,
                                                           NamedFiles& files);

}  // namespace timewait::config
