"""The house rules, one file a topic. Every rule is a function from a Tree to findings; tools/tidy.py runs them all."""
