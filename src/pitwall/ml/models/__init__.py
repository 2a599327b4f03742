"""What is trained, registered and promoted: a recipe, and the model that it makes."""
