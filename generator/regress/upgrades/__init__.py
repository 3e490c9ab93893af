"""Upgrade paths: each snapshot's project, edited as its users do, is updated to what is rendered now."""

from generator.regress.upgrades.one import Trouble
from generator.regress.upgrades.paths import Upgrade, upgrade_all

__all__ = ["Trouble", "Upgrade", "upgrade_all"]
