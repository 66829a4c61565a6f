"""The built-in state store: one SQLite database an app.

``base`` holds the records of the oldest checkpoint that is kept, ``changes`` what each later one
changed. A checkpoint is read as the base with the changes up to it; when a new one is published,
the changes of the second oldest go into the base. So a checkpoint writes what has changed, twice
at the most, however much there is.
"""
