"""Published figures that the first years are compared with; production by country is in the dataset's `statistics`."""

from __future__ import annotations

INTENSITY = {"BF-BOF": 2.34, "scrap-EAF": 0.69, "DRI-EAF": 1.47, "world": 1.92}
"""t CO2 per t crude steel, 2024, worldsteel's boundary (World Steel Association, sustainability indicators 2025)."""

DIRECT_REDUCED_IRON = 140.8
"""Mt, 2024 (Midrex, World Direct Reduction Statistics)."""

SCRAP_USE = 630.0
"""Mt, about, 2024 (World Steel Association)."""

TRACKER_CAPACITY = {"crude steel": 2199.3, "BOF": 1457.0, "EAF": 702.4, "BF": 1480.6, "DRI": 156.6}
"""Operating, Mt/yr, September 2025 (Global Energy Monitor)."""

QUOTED_PRICE = {("iron_ore", "CHN"): (109.4, "62 % CFR China, 2024"), ("scrap", "TUR"): (343.0, "HMS 80:20, Jan 2025")}
"""USD/t by commodity and country (World Bank Pink Sheet; CRU through the trade press)."""

OUTTURN_2025 = {
    "CHN": 960.8, "IND": 164.9, "DEU": 34.1, "TWN": 17.1, "VNM": 24.2, "SAU": 10.8, "DZA": 5.3, "PAK": 3.6,
}  # fmt: skip
"""Crude steel, Mt, 2025 (World Steel Association, January 2026, through the trade press; IND, VNM and SAU from their
growth of 10.4, 12.2 and 12.3 %). Never used in tuning."""
