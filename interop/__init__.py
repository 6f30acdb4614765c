"""The whole suite against devices that nobody here wrote. Method and findings: docs/interop.md."""
