"""Builds the reference dataset from public figures: one module for each group of tables."""
