"""What is recorded and what follows from it: pure, with no database, web or clock."""

from domain.compilation import folder

__path__.insert(0, str(folder() / "domain"))
