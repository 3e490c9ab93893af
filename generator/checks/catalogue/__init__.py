"""The catalogue of failures as rules: a module a category, or a folder where a category has several subjects."""
