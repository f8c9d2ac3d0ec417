"""A whole zhuqi on this machine, for tests: its own MariaDB, its own ports, its own directory."""
