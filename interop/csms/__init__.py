"""A small central system on the PyPI package `ocpp`: frames, calls and payloads are the library's, the rest is here."""
