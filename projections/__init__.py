"""What the log comes to, kept in tables: following it, rebuilding, and answering from them."""

from domain.compilation import folder

__path__.insert(0, str(folder() / "projections"))
