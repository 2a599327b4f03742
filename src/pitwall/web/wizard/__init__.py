"""The wizard for a new model: four steps, whose choices are an order that lies in the address."""
