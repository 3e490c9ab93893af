"""What a merge cannot express between two versions of the template: renamed keys, moved files and resources."""

from generator.merge.migrations.history import MIGRATIONS
from generator.merge.migrations.model import Migrated, Migration, migrate
from generator.merge.migrations.steps import MoveFile, MoveResource, RenameKey, RenameResource

__all__ = [
    "MIGRATIONS",
    "Migrated",
    "Migration",
    "MoveFile",
    "MoveResource",
    "RenameKey",
    "RenameResource",
    "migrate",
]
