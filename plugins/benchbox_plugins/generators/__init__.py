"""Generators: methods that make their own queries."""

from benchbox.contracts import Access, Lazy

_HERE = "benchbox_plugins.generators"

PLUGINS = (
    Lazy(
        "generator",
        "mega",
        f"{_HERE}.mega:Mega",
        "MEGA: noise drawn once, a substitute fitted to the answers, a generator that raises its confidence.",
        version=2,
    ),
    Lazy(
        "generator",
        "noise",
        f"{_HERE}.noise:Noise",
        "Control: asks noise (uniform, gaussian, smooth, lines, untrained) and trains on the answers.",
        version=2,
    ),
    Lazy(
        "generator",
        "mend",
        f"{_HERE}.mend:Mend",
        "Asks real images and mends the answers: the mean of repeats or of changed copies, or the label alone.",
    ),
    Lazy(
        "generator",
        "dast",
        f"{_HERE}.dast:Dast",
        "DaST: a generator with a branch for each class makes images that its substitute gets wrong.",
        version=2,
    ),
    Lazy(
        "generator",
        "dfme",
        f"{_HERE}.dfme:Dfme",
        "DFME: a generator finds images on which target and substitute disagree, from differences of answers.",
        needs=Access.PROBABILITIES,
    ),
    Lazy(
        "generator",
        "maze",
        f"{_HERE}.maze:Maze",
        "MAZE: zeroth-order gradients drive a generator to disagreement; old answers are replayed.",
        version=2,
        needs=Access.PROBABILITIES,
    ),
    Lazy(
        "generator",
        "ideal",
        f"{_HERE}.ideal:Ideal",
        "IDEAL: a new generator every round makes images of every class, of none of which the substitute is too sure.",
        version=2,
    ),
    Lazy(
        "generator",
        "qedg",
        f"{_HERE}.qedg:Qedg",
        "QEDG: a new generator every round makes diverse images; those of which the substitute is sure are not asked.",
        version=2,
    ),
    Lazy(
        "generator",
        "disguide",
        f"{_HERE}.disguide:Disguide",
        "DisGUIDE: a generator makes images on which two substitutes disagree, evenly over the classes.",
        version=2,
    ),
    Lazy(
        "generator",
        "sieve",
        f"{_HERE}.sieve:Sieve",
        "Of many images made of nothing, asks those of which its substitute is least sure, from every class as many.",
    ),
    Lazy(
        "generator",
        "jbda",
        f"{_HERE}.jbda:Jbda",
        "JBDA (Practical): doubles a seed set along the signs of the substitute's Jacobian.",
    ),
    Lazy(
        "generator",
        "prada",
        f"{_HERE}.prada:Prada",
        "PRADA (T-RND): doubles a seed set by iterative FGSM on the substitute towards random classes.",
    ),
    Lazy(
        "generator",
        "knockoff",
        f"{_HERE}.knockoff:Knockoff",
        "Knockoff Nets, random policy: asks public images of another domain in random order.",
        version=3,
    ),
    Lazy(
        "generator",
        "copycat",
        f"{_HERE}.copycat:Copycat",
        "Copycat CNN: asks public images of another domain in random order, and learns the labels alone.",
    ),
    Lazy(
        "generator",
        "swiftthief",
        f"{_HERE}.swiftthief:Swiftthief",
        "SwiftThief: learns features from public images, asked or not, and asks for rare classes.",
    ),
)
