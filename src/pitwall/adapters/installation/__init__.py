"""The installed package as a project's code: what it is, whether it is as released, and the file that DVC compares."""
