"""Submissions: a method with its results, packed for a pull request, and played again before anybody believes it.

``submit`` packs what a researcher measured; ``verify`` is what CI runs on it. docs/submitting.md tells both sides.
"""

from benchbox.submission.form import Claim, Submission
from benchbox.submission.packing import submit
from benchbox.submission.verifying import Finding, Verdict, verify

__all__ = ["Claim", "Finding", "Submission", "Verdict", "submit", "verify"]
