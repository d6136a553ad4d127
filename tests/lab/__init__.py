"""Outages for want of ports, as they happen to a web application: each broken, then fixed. See README.md."""
