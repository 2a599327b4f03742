"""What is known of a race while it is driven: events, the state that they make, and the answers at a lap."""
