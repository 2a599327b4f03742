"""Models that users order: trained as drafts, and deployed under a name."""
