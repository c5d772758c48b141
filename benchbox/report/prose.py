"""What the pages say around their tables. ``docs/leaderboard.md`` says the same at length; keep the two in step."""

LINKS = """\
[All leaderboards](../README.md) · [How to read this page](../README.md#how-to-read-these-pages)"""

UNFINISHED = """\
`benchbox show CELL` tells all that is known of a cell. *missing*: not run yet. *interrupted*: its process was lost, and
the same command runs it again. *failed*: it raised. *not applicable*: it needs what the scenario does not grant.
*superseded*: it was scored by rules that no longer hold, and the same command runs it again."""

INCOMPLETE = """\
Accuracy of methods that lack results, over the seeds that they have. The means above are over all seeds; do not hold
these against them."""

READING = """\
## How to read these pages

Figures are per cent. What follows a mean over seeds is its 95 % interval: `95.0 ± 1.0` is Student's t;
`95.0 [93.1, 95.8]` the bootstrap's ends (BCa, for ten or more skewed values); `95.0 [92.3, 96.9] (1 seed)` Wilson's, of
a single run, and says nothing of seeds. Two columns keep apart what is uncertain: the interval behind a figure is how
much it varies from seed to seed, *± test sample* how much any one run could be off because the test set is finite
(Wilson's interval). `n` is the number of images or examples that a run's figure is a share of.

- *area*: the mean accuracy over the logarithm of the budget. Methods are ranked by it, among those that have a result
  for every seed, were granted no more than a black box, and were not played unsealed.
- *rank*: 1 + the number of methods that are significantly better: a higher mean, and a paired t-test over the common
  seeds with p below 0.05 after Holm's correction over all pairs of ranked methods. `1=`: others have the same rank. A
  shared rank says that methods could not be told apart here, not that they are equal; with few seeds many cannot be.
  Two methods of different ranks may be indistinguishable as well, where a third is better than only one of them.
- **Bold**: the methods of rank 1 by accuracy at that budget.
- *to 90 %*: queries after which the mean curve reaches that accuracy, straight between measured points in log-budget.
  `≤ N`: the first point measured is above it; `> N`: not reached.
- *ASR*: attack success rate, the share of adversarial examples made on the substitute that fool the target. The page
  says below its table which attack and which definition of success.
- *success*, of query attacks: the share of the examples, of images that the target classifies correctly, of which an image
  within the threat had fooled the target by that many queries *an example*. *queries in all*: over all examples of a run,
  what a substitute cost included.
- *best on the way*, of generators: the highest accuracy at any budget, run by run. It is no result: an attacker has no
  test images to tell which one it was. The result is the last point. *queries to it*: the budget at which it stands.
- *collapsed*: for three rounds in a row, over 95 % of the target's answers were of one class.
- *missing*: enrolled and not run yet. *failed*: it raised; the reason is at the end of the page. *not applicable*:
  the scenario does not grant what the method needs. *privileged*: granted more than a black box, and therefore not
  ranked. *unsealed*: played in the process that held the target and the test images, and therefore not ranked.
  *n of m seeds*: incomplete; not ranked, and its means stand in a table of their own, because they are of other
  cells. *other rules*: run under other budgets, attacks or weights than the rest, or with another version of its trainer.
  *superseded*: scored by rules that no longer hold.
- *own labels*: the method used the attacker's own labels of its images. *unlabelled*: its trainer learnt from the
  attacker's images without asking. The scenario grants it to all, and who uses it is ranked all the same.
- *sealed*: how far what a method's code could reach was shut in. `sandbox`: a process without files, network or sight of
  others. `process`: a process of its own, which held neither target nor test images. `no`: none, see *unsealed*.
  *not recorded*: played before benchbox kept it. Of several seeds, the least."""

REPORTED = """\
### Reported and measured

Reported figures are what a paper printed, measured ones what this program measured; the difference is measured
minus reported, in points. *reproduced*: the 95 % interval over seeds covers the printed figure. *above*, *below*:
it does not. *protocol differs*: at least one condition is known not to be the same, so the two figures do not test
each other. *one seed*: no interval to judge by. `!`: more than 2 points apart; the number behind it leads to the reason
below the table, as far as one is known. *about*, *below*, *above*, *derived* and *suspect* before a printed figure: read
off a plot or a sentence, computed from the text, or of a doubtful unit."""

LEDGER = """\
As the oracle's meter counted them, up to the substitute that was scored at each budget; a range where seeds
differ. Scoring and the adversarial examples cost the method nothing."""

INDEX = """\
Which method copies a classifier best for the queries it may ask? A table a suite, with a row for the smallest and one
for the largest budget of each scenario. *leads*: the best mean accuracy, on test images that no method has seen;
*tied with*: those that cannot be told apart from the leaders by paired differences over the seeds. *against*: the
scenario's plainest method, the first of the suite file, and how many points the leader is ahead of it (mean and 95 %
interval of the paired differences). *the paper prints*: its figure for the leader at that budget, and the difference of
what was measured here. *ranked*: methods with a result for every seed, of all that are enrolled."""

CRITICAL = """\
Scenarios that the same black-box methods play are compared together. A block is a data set, a scenario and a seed; in
each, methods are ranked by area under accuracy over log-budget, and the ranks are averaged. Friedman's test asks
whether they differ at all; methods whose mean ranks are closer than Nemenyi's critical difference (95 %, all pairs) cannot
be told apart: a bar joins them, and they share a letter. Fewer than 3 methods or 5 blocks are too few, and no diagram is
drawn. The seeds of one data set share its target and test images: what is said holds for these data sets and targets."""

CLAIMS = """\
## What these pages do not say

A rank holds for this data set, target and training recipe, and no further. A method whose paper we do not have in
full is a reconstruction, and its page says so; a difference from a printed figure is not a refutation. Queries are
counted once for a whole substitute; papers that count them per adversarial example are not comparable."""

AGAIN = """\
## To regenerate them

`benchbox leaderboard` writes these pages from `results.db`, byte for byte the same from the same store where the same
plugins are installed. With `--check` it writes nothing and exits with 1 where they differ. The printed figures come
from `benchmarks/reported/`."""
