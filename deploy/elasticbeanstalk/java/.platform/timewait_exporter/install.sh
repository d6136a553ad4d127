#!/bin/sh
# Brings the exporter on this instance to what is beside this script: the RPM, config.yml, the log. Run by the hooks, as
# root, at every deployment: what is there already is left alone. Exits 1 if anything could not be done.
#
# Nothing here uses the network, and each command has a time limit. All together stay below that of the hook.
set -u

here=$(dirname -- "$0")
drop_in=/usr/share/doc/timewait-exporter/examples/drop-ins/log-file.conf
configuration=/etc/timewait_exporter/config.yml
tasks=/opt/elasticbeanstalk/tasks
log=/var/log/timewait_exporter.log
# There as long as the service does not run with what was put in place; a reboot, which empties /run, makes it do so.
pending=/run/timewait_exporter.pending
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
  timeout --kill-after=5 "$@"
}

# The RPM brings its own libraries and requires no other package, so rpm can install it without a repository. The
# bundle decides: if it goes back to an older version, so does the instance.
install_package() {
  set -- "$here"/*.rpm
  if [ "$#" -ne 1 ] || [ ! -f "$1" ]; then
    warn "the bundle must have one RPM in $here"
    return
  fi
  wanted=$(limited 10 rpm -qp --queryformat '%{NAME}-%{VERSION}-%{RELEASE}' "$1") || {
    warn "$1 is no RPM that can be read"
    return
  }
  if limited 10 rpm -q --quiet "$wanted"; then
    return
  fi
  touch "$pending"
  if limited 90 rpm -U --oldpackage --includedocs "$1"; then
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
  touch "$pending"
  # For a moment there is a name that logrotate and systemd pass over.
  if mkdir -p "$(dirname "$1")" && new=$(mktemp --suffix=.rpmnew "$1.XXXXXX") &&
    printf '%s\n' "$2" >"$new" && chmod 644 "$new" && mv -T "$new" "$1"; then
    changed=1
  else
    [ -z "${new-}" ] || rm -f "$new"
    warn "$1 could not be written"
  fi
}

# A configuration with a problem is not put in place: the exporter goes on with the one before.
install_configuration() {
  problems=$(limited 10 timewait_exporter --config.file="$here/config.yml" --config.check 2>&1) || {
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
    limited 20 systemctl daemon-reload || warn "systemctl daemon-reload failed"
    applies systemctl restart timewait_exporter.service || warn "the service could not be restarted"
  elif [ "$configuration_changed" -eq 1 ]; then
    applies systemctl reload-or-restart timewait_exporter.service || warn "the service refused its configuration"
  else
    rm -f "$pending"
  fi
  limited 40 systemctl enable --now timewait_exporter.service || warn "the service could not be started"
}

# Runs a command after which the service runs with what is in place.
applies() {
  limited 40 "$@" && rm -f "$pending"
}

service_changed=0
configuration_changed=0
[ ! -e "$pending" ] || service_changed=1
install_package
if command -v timewait_exporter >/dev/null; then
  install_configuration
  install_log
  run_service
else
  warn "there is no timewait_exporter"
fi
[ "$incomplete" -eq 1 ] || say "up to date"
exit "$incomplete"
