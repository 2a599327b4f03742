"""How the curve of a fit is found in its run: the metric's name says whose loss it is, a tag whether there is one to be found."""

PREFIX = "fit.train_"  # the loss on the rows that are learned from
TAG = "pitwall.curve"
ROUNDS, NONE = "rounds", "none"
