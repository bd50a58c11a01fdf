"""Datasets: reading, checking and writing the facts that a simulation starts from."""

from steeliq.simulation.dataset.dataset import Dataset
from steeliq.simulation.dataset.load import load

__all__ = ["Dataset", "load"]
