"""Rules for a central system as the SUT."""
