"""``python -m grantlint``."""

import sys

from grantlint import main

sys.exit(main())
