"""Fits and evaluates the judge's weights. Not part of the package that is installed."""
