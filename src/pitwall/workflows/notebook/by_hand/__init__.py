"""What is done by hand in a notebook, beside the pipeline: notes on models of any name, features of any entity, a small classifier."""
