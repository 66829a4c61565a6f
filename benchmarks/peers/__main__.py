"""``python -m benchmarks.peers --setup [DIR]``"""

import sys

from benchmarks.peers.environment import main

sys.exit(main(sys.argv[1:]))
