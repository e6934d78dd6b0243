"""Stands before the package of this name, which jsonschema goes without where it is missing.

It compiles a grammar as it is imported, 1.4 seconds in every process that reads a notebook, to tell
internationalized addresses in schemas; those of Jupyter have none.
"""

raise ImportError("it is not needed here")
