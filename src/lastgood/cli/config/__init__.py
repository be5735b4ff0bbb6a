"""``lastgood.yaml`` in place of flags: found, read, checked, and put where nothing was typed.

``configuring.configure`` is the verb; ``keys`` is the table of what may stand in the file.
"""
