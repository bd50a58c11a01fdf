"""The one way in which the building of a kit ends early."""


class Refused(Exception):
    """The kit cannot be built; the message says what is wrong, where, what was found and what to do."""
