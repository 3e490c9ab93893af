"""SG4xx: traces, log groups, Config rules, alarms and log levels."""
