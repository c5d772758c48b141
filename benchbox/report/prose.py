"""What the pages say around their tables."""

LINKS = """\
[All leaderboards](../README.md) · [How to read this page](../README.md#how-to-read-these-pages)"""

UNFINISHED = """\
`benchbox show CELL` tells all that is known of a cell. *missing*: not run yet. *interrupted*: its process was lost, and
the same command runs it again. *failed*: it raised. *not applicable*: it needs what the scenario does not grant."""

READING = """\
## How to read these pages

Figures are per cent. `±` is half the 95 % interval of the mean over seeds (Student's t; a bootstrap, BCa, for ten
or more skewed values). Two columns keep apart what is uncertain: `±` behind a figure is how much it varies from
seed to seed, *± test sample* how much any one run could be off because the test set is finite (Wilson's interval).

- *area*: the mean accuracy over the logarithm of the budget. Methods are ranked by it, among those that have a result
  for every seed and were granted no more than a black box. Neighbours whose paired difference over the seeds has an
  interval across zero (Holm-corrected over the neighbours) share a rank, written `1=`. A shared rank says that they
  could not be told apart here, not that they are equal; with few seeds many cannot be, and the first and last of a
  long group may well differ.
- **Bold**: the best mean accuracy at that budget, and those that cannot be told apart from it (paired differences
  from the best, Holm-corrected).
- *to 90 %*: queries after which the mean curve reaches that accuracy, straight between measured points in log-budget.
  `≤ N`: the first point measured is above it; `> N`: not reached.
- *missing*: enrolled and not run yet. *failed*: it raised; the reason is at the end of the page. *not applicable*:
  the scenario does not grant what the method needs. *privileged*: granted more than a black box, and therefore not
  ranked. *n of m seeds*: incomplete; shown, not ranked. *other rules*: run under other budgets, attacks or weights
  than the rest."""

REPORTED = """\
### Reported and measured

Reported figures are what a paper printed, measured ones what this program measured; the difference is measured
minus reported, in points. *reproduced*: the 95 % interval over seeds covers the printed figure. *above*, *below*:
it does not. *protocol differs*: at least one condition is known not to be the same, so the two figures do not test
each other. *about*, *below*, *above*, *derived* and *suspect* before a printed figure: read off a plot or a
sentence, computed from the text, or of a doubtful unit."""

LEDGER = """\
As the oracle's meter counted them, up to the substitute that was scored at each budget; a range where seeds
differ. Scoring and the adversarial examples cost the method nothing."""

INDEX = """\
Which method copies a classifier best for the queries it may ask? A row a scenario. *leads*: the best by area under
accuracy over log-budget, and those that cannot be told apart from it; then the accuracy of the first of them at the
largest budget, on test images that no method has seen. *ranked*: methods with a result for every seed, of all that
are enrolled."""

CLAIMS = """\
## What these pages do not say

A rank holds for this data set, target and training recipe, and no further. A method whose paper we do not have in
full is a reconstruction, and its page says so; a difference from a printed figure is not a refutation. Queries are
counted once for a whole substitute; papers that count them per adversarial example are not comparable."""

AGAIN = """\
## To regenerate them

`benchbox leaderboard` writes these pages from `results.db`, byte for byte the same from the same store. With
`--check` it writes nothing and exits with 1 where they differ. The printed figures come from `benchmarks/reported/`."""
