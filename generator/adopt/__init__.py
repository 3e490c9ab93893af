"""An existing SAM project described as samgen.yaml: what can be read of it, and what cannot be said there."""

from __future__ import annotations

from generator.adopt.adopt import Adoption, adopt
from generator.adopt.source import Remark

__all__ = ["Adoption", "Remark", "adopt"]
