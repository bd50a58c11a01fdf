"""The design that `steeliq ensemble design FILE` writes for a person to start from."""

from __future__ import annotations

from typing import Final

EXAMPLE: Final = """\
# An ensemble: what is uncertain, and how it is sampled. Check it:  steeliq ensemble design THIS_FILE
# Run it:  steeliq ensemble run THIS_FILE      (see docs/ensembles.md)

name = "What decides emissions in 2050"
description = "Carbon price, hydrogen, capital cost and scrap, each within what experts disagree on"

scenario = "reference"          # a preset, or a scenario file beside this one

# How points are chosen:
#   latin_hypercube   samples = points; the plain choice for bands and exceedance probabilities
#   sobol             samples = N, a power of two; N (factors + 2) points, for first and total Sobol' indices
#   morris            samples = trajectories; N (factors + 1) points, to screen many factors cheaply
#   factorial         every combination of the factors' levels (samples is not used)
#   one_at_a_time     each factor alone at its levels, or at its 5 % and 95 % quantiles, for a tornado
method = "latin_hypercube"
samples = 40
seed = 1                        # of the sampling

# Every point is run with each seed of the agents, so that luck can be told from cause.
agent_seeds = [1]

# Settings that all members share, as in a scenario file.
[settings]
period = { end = 2050 }

# A column of the dataset: the value MULTIPLIES the rows that match (* stands for any text).
[[factors]]
name = "carbon price"
column = "carbon_prices.price"
distribution = "uniform"        # low, high
low = 0.5
high = 2.0

[[factors]]
name = "CAPEX of hydrogen DRI"
column = "technology_costs.value"
where = { technology = "DRI_H2", item = "capex" }
distribution = "triangular"     # low, mode, high
low = 0.8
mode = 1.0
high = 1.5

# A setting of the scenario by its dotted name (docs/scenario.md): the value REPLACES it.
[[factors]]
name = "hydrogen price"
field = "prices.factors.hydrogen"
distribution = "normal"         # mean, sd; low and high if it must end somewhere
mean = 1.0
sd = 0.2
low = 0.4

[[factors]]
name = "power price"
field = "prices.factors.electricity"
distribution = "uniform"
low = 0.8
high = 1.3

# A choice: levels (equally likely), or distribution = "discrete" with values and weights.
[[factors]]
name = "demand"
field = "demand.factor"
distribution = "discrete"
values = [0.9, 1.0, 1.1]
weights = [1.0, 2.0, 1.0]

# Factors that move together (Latin hypercube only): the rank correlation of each two of them.
[[correlations]]
factors = ["hydrogen price", "power price"]
value = 0.6
"""
