"""What people do with runs that are over, on MLflow: edit, archive, search; beside what writes and reads them."""
