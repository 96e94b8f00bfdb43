"""Engine: numbers that know where they come from."""
