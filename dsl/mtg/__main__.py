import sys
from mtg.cli import main

sys.exit(main())
