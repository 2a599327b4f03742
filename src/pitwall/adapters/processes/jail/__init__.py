"""A process for strangers' code: its own namespaces, an empty folder, no network, no other process, and limits.

`outside` starts it and believes nothing of it; `inside` is its first process and builds the walls (`walls`, `calls`) before it lets a
program of ours run there. The kernel must allow a user to make namespaces; where it does not, nothing is run.
"""
