"""Settings of all tests."""

import os

import torch

# Workers side by side share the cores: a thread on every core for each would stall them all.
_WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
torch.set_num_threads(max(1, (os.cpu_count() or 1) // _WORKERS))
