"""``python -m dronepatrol`` is the command ``dronepatrol``."""

from __future__ import annotations

import sys

from dronepatrol.cli.main import main

sys.exit(main())
