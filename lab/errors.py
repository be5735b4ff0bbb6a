"""What can go wrong in the lab, said in words that a person can act on."""


class LabError(Exception):
    """A command of the lab could not do what it was asked; the message says what and what to do."""


class NotRunning(LabError):
    """There is no running lab in the folder."""


class ComponentFailed(LabError):
    """A component ended, or was not ready in time; the message has the last lines of its log."""
