"""What the test prints."""


def seen(what):
    """Says what has been seen. A line that is missing shows where the test stood still."""
    print(f"  {what}", flush=True)
