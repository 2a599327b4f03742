"""What people and programs want done: train, judge, promote, forecast, fetch, look back. Each is composed once, here.

A use case takes a `Workspace` and plain arguments and returns a frozen record. Flows, DVC's steps, the command line and the notebook
all call it; what differs between them (retries, tables on a screen, exit codes) is theirs and not here.
"""
