"""SG1xx: roles, encryption, the firewall, authorization and secrets."""
