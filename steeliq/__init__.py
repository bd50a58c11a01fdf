"""How the world's steel plants decarbonise, 2025-2050, plant by plant."""

__version__ = "0.1.0"
