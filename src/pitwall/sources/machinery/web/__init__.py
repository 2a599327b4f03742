"""Ask a public server for pages: within its limits, each page once, and nothing but what it publishes."""
