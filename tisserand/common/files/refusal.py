class Unwelcome(Exception):
    """A file is not kept; the message says why and what to do, in the words of the screen."""
