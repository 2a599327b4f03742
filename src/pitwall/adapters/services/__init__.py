"""The servers of `pitwall up`: what they are, how they are started together, looked at and stopped."""
