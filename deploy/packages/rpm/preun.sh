# Removal, not upgrade.
if [ "$1" -eq 0 ] && command -v systemctl >/dev/null; then
  systemctl --no-reload disable timewait_exporter.service timewait_exporter.socket || :
  if [ -d /run/systemd/system ]; then
    systemctl stop timewait_exporter.socket timewait_exporter.service || :
  fi
fi
