"""Engine: what is kept about people, how long, and the journal of what was done."""
