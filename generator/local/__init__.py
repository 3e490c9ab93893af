"""A project on this machine: an emulator of AWS as a process of its own, and the project deployed to it."""
