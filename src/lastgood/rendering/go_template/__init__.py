"""Go templates as Helm reads them: text/template, sprig and Helm's functions, with ``.Values`` and nothing else.

The engine is behind this one entry. What a template may do is bounded: its output, its loops, its recursion. There
are no ``env`` and ``expandenv``, and it cannot reach a cluster, a file or the network.
"""

from __future__ import annotations

from lastgood.rendering.go_template.executing import render

__all__ = ["render"]
