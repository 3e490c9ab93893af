"""Independent scanners over everything that is generated; see docs/scanners.md and docs/suppressions.md."""
