"""`python -m app` is `elsewhere`."""

import sys

from app.cli import main

sys.exit(main())
