"""The units and drop-ins of systemd/: understood by systemd, and as closed as systemd/README.md says."""

import re
import shutil
import subprocess

import pytest

from support.project import PROJECT

UNITS = PROJECT / "systemd"
SERVICE, SOCKET = "timewait_exporter.service", "timewait_exporter.socket"

# How exposed the service may be with these drop-ins, in tenths: systemd's own measure, where less is better.
EXPOSURES = {
    (): 11,
    ("scraper-only",): 10,
    ("socket",): 8,
    ("socket", "scraper-only"): 7,
    ("log-file",): 11,
    ("tls",): 12,
    ("tls", "scraper-only", "log-file"): 11,
    ("socket", "tls"): 9,
    # A capability that matters opens much by itself.
    ("namespaces",): 17,
    ("socket", "namespaces"): 15,
    ("namespaces-of-processes",): 22,
}


@pytest.fixture(name="units")
def _units(tmp_path):
    """units(drop-in, ...): a folder with the units and these drop-ins. The program need not be installed."""
    def make(*drop_ins):
        folder = tmp_path / "-".join(["units", *drop_ins])
        (folder / f"{SERVICE}.d").mkdir(parents=True)
        files = {UNITS / name: folder / name for name in (SERVICE, SOCKET)}
        files |= {UNITS / f"drop-ins/{name}.conf": folder / f"{SERVICE}.d/{number}-{name}.conf"
                  for number, name in enumerate(drop_ins)}
        for source, target in files.items():
            target.write_text(source.read_text().replace("/usr/bin/timewait_exporter", shutil.which("true")))
        return folder
    return make


def analyze(folder, *arguments):
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, timeout=60, check=False,
                          cwd=folder, env={"PATH": "/usr/bin:/bin", "SYSTEMD_UNIT_PATH": f"{folder}:"})


def test_each_drop_in_is_tried():
    assert {name for combination in EXPOSURES for name in combination} == \
        {file.stem for file in (UNITS / "drop-ins").iterdir()}


@pytest.mark.parametrize("drop_ins", EXPOSURES, ids="+".join)
def test_systemd_understands_every_line(units, drop_ins):
    result = analyze(units(*drop_ins), "verify", "--man=no", SERVICE, SOCKET)
    # What it does not know it passes over, with a line on stderr.
    assert (result.returncode, result.stderr) == (0, "")


def test_systemd_would_say_what_it_does_not_understand(units):
    folder = units()
    with (folder / SERVICE).open("a", encoding="utf-8") as service:
        service.write("[Service]\nProtectEverything=yes\n")
    assert "ProtectEverything" in analyze(folder, "verify", "--man=no", SERVICE).stderr


@pytest.mark.parametrize("drop_ins", EXPOSURES, ids="+".join)
def test_it_is_no_more_exposed_than_that(units, drop_ins):
    folder = units(*drop_ins)

    def passes(tenths):
        return analyze(folder, "security", "--offline=true", f"--threshold={tenths}", SERVICE).returncode == 0

    assert passes(EXPOSURES[drop_ins])
    assert not passes(EXPOSURES[drop_ins] - 1), "less exposed than README.md says"


def test_the_readme_tells_the_exposures():
    rows = re.findall(r"^\| (.+?) \| (\d\.\d) \|", (UNITS / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    told = {tuple(re.findall(r"`(.+?)`", names)): int(score.replace(".", "")) for names, score in rows}
    assert told == EXPOSURES
