#!/bin/sh
# Elastic Beanstalk has been seen to start its own nginx in spite of Compose. Then it holds port 80, which a container is
# about to take, and forwards to an address that it cannot reach. Never fails the deployment.
if timeout --kill-after=10 20 systemctl is-active --quiet nginx.service; then
  echo "port 80: stopping Elastic Beanstalk's nginx, a container takes its place"
  timeout --kill-after=10 60 systemctl disable --now nginx.service ||
    echo "port 80: WARNING: nginx could not be stopped"
fi
exit 0
