"""OpenF1, as far as the feed needs it: who is asked, which session a race is, and what rows say as events."""
