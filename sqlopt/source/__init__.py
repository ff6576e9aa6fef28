"""Where SQL comes from."""
