"""What a server answers from and how: champions and vectors are exported, exchanged while it runs, asked, and every answer is logged.

Nothing here opens MLflow, Feast or DVC while a question is answered: promotion and forecasts have written all that it takes.
"""
