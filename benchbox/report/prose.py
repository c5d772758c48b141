"""What the pages say around their tables. ``docs/leaderboard.md`` says the same at length; keep the two in step."""

LINKS = """\
[All leaderboards](../README.md) · [How to read this page](../reading.md)"""

UNFINISHED = """\
`benchbox show CELL` tells all that is known of a cell. *missing*: not run yet. *interrupted*: its process was lost, and
the same command runs it again. *failed*: it raised. *not applicable*: it needs what the scenario does not grant.
*superseded*: it was scored by rules that no longer hold, and the same command runs it again."""

INCOMPLETE = """\
Accuracy of methods that lack results, over the seeds that they have. The means above are over all seeds; do not hold
these against them."""

READING = """\
## How to read these pages

Figures are per cent. What follows a mean over seeds is its 95 % interval, `95.0 ± 1.0`, or `95.0 [93.1, 95.8]` where its
ends are not as far from the mean: a share's interval (Student's t on the logit's scale) stays between 0 and 100.
`95.0 [92.3, 96.9] (1 seed)` is Wilson's, of a single run, and says nothing of seeds. Two columns keep apart what is
uncertain: the interval behind a figure is how
much it varies from seed to seed, *± test sample* how much any one run could be off because the test set is finite
(Wilson's interval). `n` is the number of images or examples that a run's figure is a share of.

- *area*: the mean accuracy over the logarithm of the budget. Methods are ranked by it, among those that have a result
  for every seed, were granted no more than a black box, and were not played unsealed.
- *rank*: the place by the mean. `2 (1–4)`: the data leave the places 1 to 4 open. Fewer than five replicates: no rank.
- *to the first*: `behind by 3.1 (1.2 to 5.0)`, points with their interval; `not told from the first (±4.0)`: the interval
  holds 0, which does not say that the two are equal; *leads*: told from all others. *over ...*: points ahead of the
  scenario's plainest method. All differences of a table hold together with 95 % confidence.
- **Bold**: the highest mean accuracy at that budget.
- *to 90 %*: queries after which the mean curve reaches that accuracy, straight between measured points in log-budget.
  `≤ N`: the first point measured is above it; `> N`: not reached.
- *ASR*: attack success rate, the share of adversarial examples made on the substitute that fool the target. The page
  says below its table which attack and which definition of success.
- *success*, of query attacks: the share of the examples, of images that the target classifies correctly, of which an image
  within the threat had fooled the target by that many queries *an example*. *queries in all*: over all examples of a run,
  what a substitute cost included; *in all to 90 %*: the same, when nine tenths of the examples are solved.
- *best on the way*, of generators: the highest accuracy at any budget, run by run. It is no result: an attacker has no
  test images to tell which one it was. The result is the last point. *queries to it*: the budget at which it stands.
- *collapsed*: for three rounds in a row, over 95 % of the target's answers were of one class.
- *missing*: enrolled and not run yet. *failed*: it raised; the reason is at the end of the page. *not applicable*:
  the scenario does not grant what the method needs. *privileged*: granted more than a black box, the target from
  within or networks that others trained for the same task, and therefore not ranked. *unsealed*: played in the process
  that held the target and the test images, and therefore not ranked. *n of m seeds*: incomplete; not ranked, and its
  means stand in a table of their own, because they are of other cells. *other rules*: run under other budgets, attacks
  or weights than the rest, or with another version of its trainer. *other seeds*: run with none of the suite's own.
  *superseded*: scored by rules that no longer hold.
- *verified*: the maintainers played the method's submission again, and on a target that nobody knew.
- *own labels*: the method used the attacker's own labels of its images. *unlabelled*: its trainer learnt from the
  attacker's images without asking. The scenario grants it to all, and who uses it is ranked all the same.
- *sealed*: how far what a method's code could reach was shut in. `sandbox`: a process without files, network or sight of
  others. `process`: a process of its own, which held neither target nor test images. `no`: none, see *unsealed*.
  *not recorded*: played before benchbox kept it. Of several seeds, the least."""

REPORTED = """\
## Reported and measured

Reported figures are what a paper printed, measured ones what this program measured; the difference is measured
minus reported, in points. *agrees*: the 90 % interval of the difference lies within ±2 points (0.1 nats). *differs*:
the 95 % interval lies outside. *undecided*: neither, with half of that interval. *not comparable*: a condition is not the
same, or the paper leaves it open; the note says which. One figure stands beside one method.
`!`: more than 2 points apart; the number behind it leads to the reason
below the table, as far as one is known. *about*, *below*, *above*, *derived* and *suspect* before a printed figure: read
off a plot or a sentence, computed from the text, or of a doubtful unit."""

LEDGER = """\
As the oracle's meter counted them, up to the substitute that was scored at each budget; a range where seeds
differ. Scoring and the adversarial examples cost the method nothing."""

INDEX = """\
Which method copies a classifier best for the queries it may ask?"""

FIRST = """\
Who is first, at how many queries, by mean accuracy over seeds. *leads*: told from all others."""

DEFENCES = """\
What each attacker reached before each defence, in per cent, and in brackets the points that the defence took. Below it what an
honest client is told, and the query of the first alarm."""

HEADLINES = """\
*first*: the best mean accuracy, on test images that no method has seen, at the smallest and the largest budget of a scenario;
*told*: whether it leads, or from whom the data do not tell it. *over the plainest*: points ahead of the first method of
the suite file. *the paper prints*: its figure for the first at that budget, and the difference of what was measured here."""

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
