"""A project of one's own from the installed wheel: its files, its repositories, its first commit."""

from pitwall.adapters.new_project.make import NewProject, make_project

__all__ = ["NewProject", "make_project"]
