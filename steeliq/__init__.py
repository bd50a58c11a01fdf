"""How the world's steel plants decarbonise, 2025-2050, plant by plant."""

import os

__version__ = "0.1.0"

# How a matrix product is cut among threads shows in its last bits. One thread gives the same results on any number of
# cores, is faster with matrices of this size, and leaves the other cores to other runs. NumPy reads this when it loads.
for _threads in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[_threads] = "1"
