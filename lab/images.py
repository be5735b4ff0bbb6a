"""The names of the lab's images, the same on every kind of node."""

REGISTRY = "registry.lab"
"""No such host exists: every pull goes to the lab's own registry."""

VARIABLES = {
    "LAB_IMAGE_GOOD_1": f"{REGISTRY}/web:1",
    "LAB_IMAGE_GOOD_2": f"{REGISTRY}/web:2",
    "LAB_IMAGE_MISSING": f"{REGISTRY}/web:missing",
    "LAB_IMAGE_CRASH": f"{REGISTRY}/web:crash",
}
"""What `env` exports of them; the others are in the table of README.md."""
