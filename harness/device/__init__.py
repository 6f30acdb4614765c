"""The device under test as its maker describes it: who it is, how it is reached, what it claims, what only he knows."""
