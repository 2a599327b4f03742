"""Values as the texts that run stores keep, and texts that are too long for one."""
