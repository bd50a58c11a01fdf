"""Compares the first years of the reference scenario with published figures; run by ``scripts/validate``."""
