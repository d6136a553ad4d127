"""What the black-box tests share: namespaces, sockets, the exporter's process and its output."""
