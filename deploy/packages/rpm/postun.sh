if [ -d /run/systemd/system ]; then
  systemctl daemon-reload || :
  if [ "$1" -ge 1 ]; then  # upgrade
    systemctl try-restart timewait_exporter.service || :
  fi
fi
