"""Commodities, bills of materials and the element balance from which every emission follows."""
