"""`pw.ModelBuilder`: order a model in a notebook, train, judge, explain and deploy it."""
