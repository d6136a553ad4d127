// Owners of GnuTLS's objects.
#pragma once

#include <memory>
#include <type_traits>

#include <gnutls/gnutls.h>
#include <gnutls/x509-ext.h>
#include <gnutls/x509.h>

namespace timewait::tls {

template <auto kRelease>
struct Releaser {
  template <typename T>
  void operator()(T* object) const {
    kRelease(object);
  }
};

template <typename Handle, auto kRelease>
using Owner = std::unique_ptr<std::remove_pointer_t<Handle>, Releaser<kRelease>>;

using PriorityPtr = Owner<gnutls_priority_t, gnutls_priority_deinit>;
using CredentialsPtr = Owner<gnutls_certificate_credentials_t, gnutls_certificate_free_credentials>;
using PrivateKeyPtr = Owner<gnutls_x509_privkey_t, gnutls_x509_privkey_deinit>;
using CertificatePtr = Owner<gnutls_x509_crt_t, gnutls_x509_crt_deinit>;
using SessionPtr = Owner<gnutls_session_t, gnutls_deinit>;
using SubjectAltNamesPtr = Owner<gnutls_subject_alt_names_t, gnutls_subject_alt_names_deinit>;

}  // namespace timewait::tls
