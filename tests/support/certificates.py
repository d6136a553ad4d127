"""Certificates for tests, made by openssl: nothing secret, nothing that expires in the repository."""

import pathlib
import ssl
import subprocess


def _openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=60)


class Authority:
    """A certificate authority that keeps its files in `directory`."""

    def __init__(self, directory, name="authority"):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(exist_ok=True)
        self.certificate, self._key = self._files(name)
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                 "-subj", f"/CN={name}", "-keyout", str(self._key), "-out", str(self.certificate))

    def _files(self, name):
        return self.directory / f"{name}.crt", self.directory / f"{name}.key"

    def issue(self, name, purpose="serverAuth", names="IP:127.0.0.1,DNS:localhost", key="ec"):
        """(certificate, key): paths of a new one of that name, which replaces the one before."""
        certificate, private = self._files(name)
        request, extensions = self.directory / f"{name}.csr", self.directory / f"{name}.ext"
        extensions.write_text(f"subjectAltName={names}\nextendedKeyUsage={purpose}\n")
        kind = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"] if key == "ec" else ["rsa:2048"]
        _openssl("req", "-newkey", *kind, "-nodes", "-subj", f"/CN={name}", "-keyout", str(private),
                 "-out", str(request))
        new = certificate.with_suffix(".new")
        _openssl("x509", "-req", "-in", str(request), "-CA", str(self.certificate), "-CAkey", str(self._key),
                 "-CAcreateserial", "-days", "2", "-extfile", str(extensions), "-out", str(new))
        new.rename(certificate)
        return certificate, private

    def trusted_by(self, client=None):
        """A client's TLS context that trusts this authority, and shows `client`: (certificate, key)."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        if client:
            context.load_cert_chain(*map(str, client))
        return context
