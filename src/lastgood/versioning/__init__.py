"""Which ConfigMaps and Secrets pods read, and what tells one content from another: a number, or a hash. Pure."""

from __future__ import annotations

from lastgood.versioning.hashing import (
    CONTENT_FIELDS,
    config_hash,
    read_config,
    with_config_hashes,
    with_known_hashes,
    without_hash,
)
from lastgood.versioning.numbering import (
    is_versioned,
    version_of,
    with_names,
    with_numbers,
    with_release_number,
    with_suffix,
)
from lastgood.versioning.references import ConfigName, config_name, is_config, pod_template, references

__all__ = [
    "CONTENT_FIELDS",
    "ConfigName",
    "config_hash",
    "config_name",
    "is_config",
    "is_versioned",
    "pod_template",
    "read_config",
    "references",
    "version_of",
    "with_config_hashes",
    "with_known_hashes",
    "with_names",
    "with_numbers",
    "with_release_number",
    "with_suffix",
    "without_hash",
]
