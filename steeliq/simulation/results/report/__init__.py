"""The run as one self-contained page: charts as plain data, drawn by Plotly without any network."""

from steeliq.simulation.results.report.page import report_html, write_report

__all__ = ["report_html", "write_report"]
