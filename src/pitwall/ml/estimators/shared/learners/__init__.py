"""What learns a score per row from columns: the libraries behind one interface, so that a family needs one file per library."""
