#include "web_files.h"

#include "../tls/made_certificates.h"

namespace timewait::config {
namespace {

std::map<std::string, std::string> make_files() {
  const tls::Identity server = tls::make_identity({.common_name = "server"});
  return {{"server.crt", server.certificate_pem},
          {"server.key", server.key_pem},
          {"encrypted.key", tls::encrypted(server.key_pem)},
          {"other.key", tls::make_identity({}).key_pem},
          {"ca.crt", tls::make_identity({.is_authority = true}).certificate_pem},
          {"empty.pem", ""},
          {"text.pem", "This is not PEM.\n"},
          {"damaged.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}};
}

base::Result<std::string> read(const std::string& path) {
  const auto found = web_files().find(path);
  if (found != web_files().end()) return found->second;
  if (path == "folder") return base::Error{path + ": Is a directory"};
  if (path == "large.pem") return base::Error{path + ": larger than 1 MiB"};
  return base::Error{path + ": No such file or directory"};
}

}  // namespace

const std::map<std::string, std::string>& web_files() {
  static const std::map<std::string, std::string> kFiles = make_files();
  return kFiles;
}

FileReader web_file_reader() { return &read; }

}  // namespace timewait::config
