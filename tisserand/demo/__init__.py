"""An invented network, built through the same operations as a real one."""
