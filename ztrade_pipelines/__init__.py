"""Not empty, for one reason: it is imported before numpy, whichever door a process comes in by.

OpenBLAS starts a thread per core when numpy is imported, and they spin: 0.12 s of CPU in every run's
process on two cores, more on more. Nothing here multiplies matrices.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # noqa: TID251  (written, not read)
