"""SG3xx: what differs between environments, what must not, and where it is said."""
