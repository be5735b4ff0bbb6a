"""The keys of the files of a pipeline beside the specs of steps: what may stand where, and what becomes of it. Pure."""
