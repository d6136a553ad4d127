# First installation: as the preset file says, which enables it. systemd is not always there, as in an image.
if [ "$1" -eq 1 ] && command -v systemctl >/dev/null; then
  systemctl --no-reload preset timewait_exporter.service timewait_exporter.socket || :
fi
