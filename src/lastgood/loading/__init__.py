"""Files, folders and stdin become resources, checked as far as that is possible without a cluster.

``load`` is the verb. ``check`` refuses what the API would refuse later, with the line; ``normalised`` is the form in
which a resource is planned and recorded.
"""

from __future__ import annotations

from lastgood.loading.checking import Problem, problems
from lastgood.loading.normalising import normalised
from lastgood.loading.reading import load, read_file
from lastgood.loading.refusing import Finding, check, refusal
from lastgood.loading.unpacking import resources_in

__all__ = ["Finding", "Problem", "check", "load", "normalised", "problems", "read_file", "refusal", "resources_in"]
