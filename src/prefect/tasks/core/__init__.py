"""Small tasks that the graph language itself is made of: collections, constants, functions, operators."""
