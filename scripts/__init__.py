"""What the Makefile runs: the demo, the examples, the scan."""
