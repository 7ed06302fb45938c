"""A second, slow computation of what is owed, from the written rules alone, and its comparison with `bill`.

Everything but `handover` and the tests works on plain dictionaries and imports nothing of ours. `histories` is the way
in: it bills one client's world month by month. `random_worlds` makes the worlds, `handover` gives them to the rules.
"""
