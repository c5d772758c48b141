"""The model under attack: how it is made, kept and verified; how it answers, on a meter. Imports no torch by itself."""
