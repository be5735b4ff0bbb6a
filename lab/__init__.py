"""A real Kubernetes cluster on one machine, for the demo, the tests and the benchmarks. See README.md."""
