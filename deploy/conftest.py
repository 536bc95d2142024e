"""Lets these tests use what `tests` has, behind what is installed: it is the installed package that is tested."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))
