"""What a run leaves behind: tidy tables, its provenance, exports and the report."""

from steeliq.simulation.results.tables import read_table, write_table, write_year, years_done
from steeliq.simulation.results.variables import SCHEMA, ResultColumn, ResultTable

__all__ = ["SCHEMA", "ResultColumn", "ResultTable", "read_table", "write_table", "write_year", "years_done"]
