"""A server under load: a project that it answers from, distinct questions with their right answers, a client, and its processes."""
