"""Other tools doing the same jobs, in an environment of their own.

``python -m benchmarks.peers --setup DIR`` makes the environment; the benchmarks then start one
process for each peer (:mod:`benchmarks.peers.worker`) and ask it for a pass in each round.
"""
