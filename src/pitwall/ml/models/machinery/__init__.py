"""What every model stands on: its recipe, its folder on disk, its frames, its names."""
