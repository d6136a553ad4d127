"""Every bad web configuration is refused with the problems that bad_web_config/cases.txt lists."""

import pathlib
import subprocess

import pytest

from support.bad_cases import assert_refused, read_cases

CASES = pathlib.Path(__file__).parent / "bad_web_config" / "cases.txt"


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The files that the cases name."""
    folder = tmp_path_factory.mktemp("web")
    for name in ("server", "ca", "other"):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                "-subj", f"/CN={name}", "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.crt")
    openssl("pkey", "-in", folder / "server.key", "-aes128", "-passout", "pass:secret", "-out",
            folder / "encrypted.key")
    (folder / "empty.pem").write_text("")
    (folder / "text.pem").write_text("This is not PEM.\n")
    (folder / "damaged.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    (folder / "large.pem").write_bytes(b"x" * (2**20 + 1))
    (folder / "folder").mkdir()
    return folder


@pytest.mark.parametrize("content, expected", read_cases(CASES))
def test_is_refused_with_every_problem(folder, content, expected):
    in_place = [problem.replace("DIR/", f"{folder}/") for problem in expected]
    assert_refused("--web.config.file", folder / "bad.yml", content, in_place)
