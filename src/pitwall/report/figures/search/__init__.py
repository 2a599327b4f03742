"""Pictures of searches: their trials, strategies beside each other, rankings that agree or do not."""
