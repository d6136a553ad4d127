#!/bin/sh
# Brings the exporter on this instance to what is beside this script: the RPM, config.yml, the log. Run by the hooks, as
# root, at every deployment: what is there already is left alone. Exits 1 if anything could not be done.
#
# Nothing here uses the network, and each command has a time limit.
set -u

here=$(dirname -- "$0")
drop_in=/usr/share/doc/timewait-exporter/examples/drop-ins/log-file.conf
configuration=/etc/timewait_exporter/config.yml
tasks=/opt/elasticbeanstalk/tasks
log=/var/log/timewait_exporter.log
incomplete=0
changed=0

say() {
  echo "timewait_exporter: $*"
}

warn() {
  say "WARNING: $*"
  incomplete=1
}

# limited SECONDS COMMAND...
limited() {
  timeout --kill-after=10 "$@"
}

# The RPM brings its own libraries and requires no other package, so rpm can install it without a repository. The
# bundle decides: if it goes back to an older version, so does the instance.
install_package() {
  set -- "$here"/*.rpm
  if [ "$#" -ne 1 ] || [ ! -f "$1" ]; then
    warn "the bundle must have one RPM in $here"
    return
  fi
  wanted=$(limited 20 rpm -qp --queryformat '%{NAME}-%{VERSION}-%{RELEASE}' "$1") || {
    warn "$1 is no RPM that can be read"
    return
  }
  if limited 20 rpm -q --quiet "$wanted"; then
    return
  fi
  if limited 120 rpm -U --oldpackage --includedocs "$1"; then
    say "installed $wanted"
    service_changed=1
  else
    warn "rpm could not install $wanted"
  fi
}

# put FILE TEXT: writes the file, whole or not at all; sets `changed` unless it said so before.
put() {
  changed=0
  if [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; then
    return
  fi
  # For a moment there is a name that logrotate and systemd pass over.
  if mkdir -p "$(dirname "$1")" && printf '%s\n' "$2" >"$1.rpmnew" && chmod 644 "$1.rpmnew" && mv "$1.rpmnew" "$1"; then
    changed=1
  else
    rm -f "$1.rpmnew"
    warn "$1 could not be written"
  fi
}

# A configuration with a problem is not put in place: the exporter goes on with the one before.
install_configuration() {
  problems=$(limited 20 timewait_exporter --config.file="$here/config.yml" --config.check 2>&1) || {
    warn "config.yml of the bundle is not used: $problems"
    return
  }
  put "$configuration" "$(cat "$here/config.yml")"
  configuration_changed=$changed
}

# Elastic Beanstalk collects files, not the journal; this is what `eb logs` shows.
install_log() {
  if [ ! -f "$drop_in" ]; then
    warn "the package brought no $drop_in: the log stays in the journal"
    return
  fi
  put /etc/systemd/system/timewait_exporter.service.d/log-file.conf "$(cat "$drop_in")"
  [ "$changed" -eq 0 ] || service_changed=1
  put /etc/logrotate.d/timewait_exporter "$(cat "$here/logrotate.conf")"
  put "$tasks/taillogs.d/timewait_exporter.conf" "$log"
  put "$tasks/bundlelogs.d/timewait_exporter.conf" "$log*"
  put "$tasks/publishlogs.d/timewait_exporter.conf" "$log-*.gz"
}

# A new configuration is taken without a restart, so figures that need a past go on.
run_service() {
  if [ "$service_changed" -eq 1 ]; then
    limited 30 systemctl daemon-reload || warn "systemctl daemon-reload failed"
    limited 60 systemctl restart timewait_exporter.service || warn "the service could not be restarted"
  elif [ "$configuration_changed" -eq 1 ]; then
    limited 60 systemctl reload-or-restart timewait_exporter.service || warn "the service refused its configuration"
  fi
  limited 60 systemctl enable --now timewait_exporter.service || warn "the service could not be started"
}

service_changed=0
configuration_changed=0
install_package
if command -v timewait_exporter >/dev/null; then
  install_configuration
  install_log
  run_service
fi
[ "$incomplete" -eq 1 ] || say "up to date"
exit "$incomplete"
