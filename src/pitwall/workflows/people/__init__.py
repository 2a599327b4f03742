"""People: accounts with passwords, who logs in and out, and what goes when somebody leaves."""
