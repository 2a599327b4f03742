"""What every feature group stands on: the contract, the build, the replay check, the stage."""
