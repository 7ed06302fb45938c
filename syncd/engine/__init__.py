"""The steps of the journey, a file each: every one may be run again at any time."""
