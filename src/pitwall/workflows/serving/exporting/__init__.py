"""What is written for servers beside the models themselves: the vectors of races, the chances of titles."""
