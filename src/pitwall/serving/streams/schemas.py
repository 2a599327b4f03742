"""What a published race looks like over the wire."""

from __future__ import annotations

from pydantic import BaseModel, Field

from pitwall.live.answer import LiveAnswer


class Published(BaseModel):
    """The newest answer of a race that is followed, or was."""

    id: str = Field(description="the number of the answer: a `Last-Event-ID` of the stream")
    at: str = Field(description="when it was published")
    age_s: float = Field(description="for how many seconds nothing has come")
    ended: str | None = Field(description="why no more will come: finished, stopped; null while some may")
    answer: LiveAnswer


EXAMPLE = {
    "id": "3f9ac01b22d4-31",
    "at": "2024-05-26T13:52:10.412+00:00",
    "age_s": 12.4,
    "ended": None,
    "answer": {
        "format": 1,
        "race": "2024-08",
        "race_name": "Monaco Grand Prix",
        "source": "openf1",
        "instant": "2024-05-26T13:51:44+00:00",
        "clock_s": 3104.0,
        "lap": 30,
        "distance": 78,
        "revision": 1,
        "state": "racing",
        "silent_s": 0.0,
        "withheld": False,
        "notes": [],
        "answers": {"safety_car_soon": 0.12},
        "cars": [
            {
                "driver_id": 844,
                "driver": "LEC",
                "name": "Charles Leclerc",
                "team": "Ferrari",
                "place": 1,
                "laps": 30,
                "gap_s": 0.0,
                "interval_s": None,
                "last_lap_s": 78.41,
                "compound": "HARD",
                "tyre_laps": 29.0,
                "stops": 1,
                "out": False,
                "answers": {"race_winner_live": 0.71, "podium_live": 0.97},
            }
        ],
        "provenance": {
            "race_winner_live": "in_race-in_race version 2, content 1f0c1f0c",
            "safety_car_soon": "baseline rate",
        },
    },
}
