#!/bin/sh
# A change of the environment's configuration starts what a deployment starts.
sh .platform/hooks/predeploy/50_port_80.sh
exit 0
