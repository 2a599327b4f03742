"""Tags of runs that more than one part of the house reads."""

OWN_ID = "pitwall.own_id"  # the id that a run was given where it began: of a copy, and of one that waited for its store
PROCESS = "pitwall.process"  # which process opened it
