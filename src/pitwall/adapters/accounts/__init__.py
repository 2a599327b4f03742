"""The accounts of the API, in a SQLite file of the project's or a PostgreSQL."""
