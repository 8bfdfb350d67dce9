"""MAVLink: the only importer of pymavlink."""
