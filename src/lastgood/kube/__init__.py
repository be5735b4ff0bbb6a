"""The only package that speaks HTTP: it makes an API server into a ``Cluster`` and a ``Store``."""
