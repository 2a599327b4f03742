"""What several pages share: questions asked as the API asks them, forecasts and records as parts of a page."""
