"""benchbox: a benchmark suite for black-box attacks on image classifiers under a query budget."""
