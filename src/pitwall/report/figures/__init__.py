"""Figures from plain numbers and labels: on Agg canvases as PNG, and interactive ones for pages. A family of models hands over its own."""
