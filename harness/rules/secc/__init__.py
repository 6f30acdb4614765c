"""Rules for an SECC as SUT, over the V2G link."""
