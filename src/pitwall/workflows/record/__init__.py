"""The track record: forecasts entered before their sessions, scored when results are known, verified, exported, met by people."""
