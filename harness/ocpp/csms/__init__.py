"""The central system, pure: what it knows of its stations, how it answers them, and what it asks of them. No clock, no socket."""
