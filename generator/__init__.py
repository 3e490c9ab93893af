"""samgen: production-grade AWS SAM projects, generated from one spec and validated before they exist."""

__version__ = "0.1.0"
