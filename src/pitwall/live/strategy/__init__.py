"""When to stop: what a stop now or later costs a car, from tyres, pit lane and traffic as they were seen so far."""
