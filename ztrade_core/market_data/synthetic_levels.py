"""Invented log prices in closed form: any day's level without walking through the days before it.

Only integers (log prices in units of 1e-9) and hashes: the same on every platform. A level is value
noise: at every multiple of an octave's period stands a hashed normal number, between them a smooth
curve, and octaves of shrinking period are added up to something that wanders like a price.
"""

import hashlib

NANO = 1_000_000_000
UNIT = 65536

# Period in days, amplitude in 1e-9 of log price: about 1.8 % a day, and 30 % over the years.
LEVEL_OCTAVES = (
    (512, 250_000_000),
    (128, 150_000_000),
    (32, 80_000_000),
    (8, 40_000_000),
    (2, 15_000_000),
    (1, 6_000_000),
)
CALM_OCTAVES = ((16, 300_000_000), (4, 200_000_000))


def digest(*parts: object) -> bytes:
    """Return the SHA-256 of the parts, 32 bytes."""
    return hashlib.sha256("|".join(str(part) for part in parts).encode()).digest()


def normal(*parts: object) -> int:
    """Return a hashed, nearly normal integer: mean 0, standard deviation UNIT (twelve uniforms)."""
    raw = digest(*parts)
    return sum(int.from_bytes(raw[2 * i : 2 * i + 2]) for i in range(12)) - 6 * UNIT


def level(stream: str, day: int) -> int:
    """Return the log price of a stream at the start of a day, around 0, in 1e-9."""
    return sum(
        _octave(f"{stream}|level", day, period) * size // UNIT for period, size in LEVEL_OCTAVES
    )


def turbulence(stream: str, day: int) -> int:
    """Return how wild a day is, in 1e-9 of normal: 0.4 .. 2.5, close to the days around it."""
    swing = sum(
        _octave(f"{stream}|calm", day, period) * size // UNIT for period, size in CALM_OCTAVES
    )
    return min(2_500_000_000, max(400_000_000, NANO + swing))


def _octave(stream: str, day: int, period: int) -> int:
    """Return smooth noise at `day` between the hashed numbers at multiples of `period`."""
    lattice, offset = divmod(day, period)
    before = normal(stream, period, lattice)
    if offset == 0:
        return before
    after = normal(stream, period, lattice + 1)
    cube = period**3
    rise = 3 * offset * offset * period - 2 * offset**3
    return (before * (cube - rise) + after * rise) // cube
