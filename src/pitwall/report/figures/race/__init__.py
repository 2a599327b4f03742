"""Pictures of one race from plain tables: gaps to the leader, places, stints, pace. Colours go by team, tyres by letter too."""
