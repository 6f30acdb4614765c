"""Rules for a charging station as the SUT."""
